/**
 * What one caller does without end: it authorizes, extends, settles, gives up and tracks calls, and leaves some holds to themselves. `act` says whether an
 * act was granted; `below` gives whole numbers below a limit; `going` is asked before each call. Plain JavaScript, so that a process that is killed
 * over and over starts quickly.
 */
export async function callWithoutEnd({ prefix, below, act, going }) {
  for (let at = 0; going(); at++) {
    const id = `${prefix}-${at}`
    const who = { agent_name: `agent-${below(40)}`, team: `team-${below(3)}` }
    const report = { model: 'gpt-4o', input_tokens: below(5_000), output_tokens: below(2_000) }
    if (below(100) < 15) {
      await act('track', id, { ...report, ...who })
      continue
    }
    // What is held for a second only may be taken back at any moment: it is held and settled.
    const brief = below(100) < 10
    const asked = { ...who, model: 'gpt-4o', input_tokens: 5_000, max_output_tokens: 2_000, ttl_seconds: brief ? 1 : 600 }
    if (!(await act('hold', id, asked))) continue
    if (!brief && below(100) < 20)
      await act('extend', id, { extension_id: `${id}-longer`, max_output_tokens: below(6_000), ttl_seconds: 900 })
    if (below(100) < 15) continue
    if (!brief && below(100) < 15) await act('void', id, {})
    else await act('settle', id, report)
  }
}

/** The limits that its calls are counted in, in dollars for all time: far above what they cost, except those of the agents. */
export const LIMITS_USD = { organization: '100000', agent: '20', team: '50000' }

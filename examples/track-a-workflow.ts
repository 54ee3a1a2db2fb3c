import { createTracker } from '@purser/sdk'

/**
 * Reports one run of a small workflow with three agents, then asks the server what it cost.
 * Start a server first (`npm start`); PURSER_URL and PURSER_API_KEY say where it is, if not on this machine.
 */
const url = process.env.PURSER_URL ?? 'http://127.0.0.1:4318'
const headers: Record<string, string> = process.env.PURSER_API_KEY ? { authorization: `Bearer ${process.env.PURSER_API_KEY}` } : {}
const organizationId = 'org_example'

const tracker = createTracker({ url, organizationId, onError: ({ code, detail }) => console.error(`refused: ${code}: ${detail}`) })

const sessionId = tracker.startSession({ userId: 'user_123', team: 'growth' })
const workflowId = tracker.startWorkflow({ workflowName: 'Generate Report', sessionId, userId: 'user_123' })

// Each call names the call that led to it, which makes the chain that the server draws as a tree.
const orchestrator = tracker.trackAgentCall({
  agentName: 'Orchestrator',
  model: 'gpt-4o',
  inputTokens: 1200,
  outputTokens: 300,
  latencyMs: 2340,
  workflowId,
})
const analyzer = tracker.trackAgentCall({
  agentName: 'Analyzer',
  model: 'gpt-4o',
  inputTokens: 1600,
  cacheReadTokens: 1024,
  outputTokens: 400,
  latencyMs: 3100,
  workflowId,
  parentCallId: orchestrator,
})
tracker.trackAgentCall({
  agentName: 'Summarizer',
  model: 'gpt-4o-mini',
  inputTokens: 700,
  outputTokens: 100,
  latencyMs: 900,
  workflowId,
  parentCallId: analyzer,
})
tracker.endWorkflow({ workflowId, success: true })
tracker.endSession({ sessionId })

// A program that simply ends delivers what waits. This one wants to read the answer, so it waits for the delivery itself.
const { sent, waiting } = await tracker.flush({ timeoutMs: 5000 })
if (waiting > 0) {
  console.error(`No Purser answers at ${url}. Start one with: npm start`)
  process.exitCode = 1
  await tracker.close({ timeoutMs: 0 })
} else {
  console.log(`delivered ${sent} reports`)
  const answer = await fetch(`${url}/v1/finops/analytics/chains/${workflowId}?organization_id=${organizationId}`, { headers })
  console.log(JSON.stringify(await answer.json(), null, 2))
  console.log(`more: ${url}/v1/finops/dashboard/overview?organization_id=${organizationId}`)
}

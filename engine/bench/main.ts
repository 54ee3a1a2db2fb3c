import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { benchAnalytics } from './analytics.ts'
import { benchGateway } from './gateway/gateway.ts'
import { benchHolds } from './holds.ts'
import { benchHttp } from './http.ts'
import { benchLedgerPostgres } from './ledger-postgres.ts'
import { benchLedgerWrite } from './ledger-write.ts'
import { benchOtlp } from './otlp.ts'
import { benchPricing } from './pricing.ts'
import { benchProjection } from './projection.ts'
import type { Measurement, Section } from './section.ts'

const DOCUMENT = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))

/**
 * `npm run bench [-- pricing ledger postgres http holds gateway otlp analytics]`: measures, prints, and writes `docs/benchmarks.md`. With names, only those are measured and
 * nothing is written.
 */
async function main(names: readonly string[]): Promise<void> {
  const say = (line: string): void => {
    process.stdout.write(`  ${line}\n`)
  }
  const benches: [string, () => Promise<Section>][] = [
    ['pricing', async () => benchPricing()],
    ['ledger', () => benchLedgerWrite()],
    ['postgres', benchLedgerPostgres],
    ['http', benchHttp],
    ['holds', benchHolds],
    ['gateway', () => benchGateway(say)],
    ['otlp', benchOtlp],
    ['projection', () => benchProjection(say)],
    ['analytics', () => benchAnalytics(say)],
  ]
  const sections: Section[] = []
  for (const [name, run] of benches) {
    if (names.length > 0 && !names.includes(name)) continue
    process.stdout.write(`${name}\n`)
    const section = await run()
    for (const each of section.measurements)
      say(
        `${each.met === false ? 'MISSED ' : ''}${each.what}: ${each.ours}${each.beside === '' ? '' : ` beside ${each.beside}`}, ${each.figure}${each.target === '' ? '' : ` (${each.target})`}`,
      )
    sections.push(section)
  }
  if (names.length > 0) return
  mkdirSync(dirname(DOCUMENT), { recursive: true })
  writeFileSync(DOCUMENT, documentOf(sections))
  process.stdout.write('docs/benchmarks.md written\n')
}

function documentOf(sections: readonly Section[]): string {
  const [cpu] = cpus()
  const lines = [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; do not edit. Machines differ and shared ones are noisy: the ratios, both sides taken in one run, say more than the times.',
    '',
    `Measured ${new Date().toISOString().slice(0, 10)} on ${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, Node ${process.versions.node}, load generator and server on the same machine.`,
  ]
  for (const section of sections) {
    lines.push(
      '',
      `## ${section.title}`,
      '',
      section.method,
      '',
      '| what | ours | beside | figure | asked | |',
      '|---|---:|---:|---:|---|---|',
    )
    lines.push(...section.measurements.map(row))
  }
  return `${lines.join('\n')}\n`
}

function row({ what, ours, beside, figure, target, met }: Measurement): string {
  return `| ${what} | ${ours} | ${beside} | ${figure} | ${target} | ${met === null ? '' : met ? 'met' : '**missed**'} |`
}

await main(process.argv.slice(2))

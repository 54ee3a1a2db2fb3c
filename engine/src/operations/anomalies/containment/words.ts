import { type Anomaly, explainAnomaly } from '../../../insights/index.ts'
import { formatInstant, usdOfPicos } from '../../../kernel/index.ts'
import type { Services } from '../../context.ts'
import { anomalyAnswer } from '../anomaly-answer.ts'
import { ratesAt } from '../token-rates.ts'
import type { KnownEpisode } from './kept.ts'

const CAUSE_WORDS: Readonly<Record<string, string>> = {
  volume: 'more calls',
  input_size: 'longer input',
  output_size: 'longer answers',
  cache_loss: 'less input from the cache',
  model_swap: 'another model',
  retries: 'retries and failures',
  price: 'a higher price',
  other: 'something that tokens do not explain',
}

/** An anomaly in words and facts, for whoever is told. */
export async function wordsOf(
  services: Pick<Services, 'calls' | 'committer' | 'rates' | 'now'>,
  anomaly: Anomaly,
  zone: string,
): Promise<Pick<KnownEpisode, 'title' | 'text' | 'facts'>> {
  const now = services.now()
  const question = { groupBy: 'agent', zone, now, atLeast: services.committer.head(), ratesAt: ratesAt(services) } as const
  const explanation = await explainAnomaly(services.calls, anomaly, question)
  const found = anomalyAnswer(anomaly, explanation, 'agent')
  const who = anomaly.subject.value === null ? 'Calls without an agent' : `Agent ${anomaly.subject.value}`
  const cause = found.cause?.likely ?? null
  const percent = Math.round(100 * (found.cause?.share ?? 0))
  const why = cause === null ? 'The cause is not known' : `Likely cause: ${CAUSE_WORDS[cause] ?? cause} (${percent} % of the increase)`
  const expected = anomaly.expected.toFixed(anomaly.expected < 1 ? 4 : 2)
  return {
    title: `${who} spends more than usual since ${found.since}`,
    text: `$${usdOfPicos(anomaly.observedCost)} where about $${expected} was expected. ${why}. ${found.confidence.words}.`,
    facts: {
      anomaly_id: found.anomaly_id,
      kind: found.kind,
      severity: found.severity,
      since: found.since,
      observed_usd: usdOfPicos(anomaly.observedCost),
      expected_usd_estimate: found.expected_usd,
      excess_usd_estimate: found.excess_usd,
      cause,
      cause_share: found.cause?.share ?? null,
      call_id: found.cause?.call_ids[0] ?? null,
      as_of: formatInstant(now),
    },
  }
}

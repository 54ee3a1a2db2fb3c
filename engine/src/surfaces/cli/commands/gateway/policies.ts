import type { GatewayPolicies, GatewayPolicyAnswer } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../../connected.ts'
import { print, printJson, remark, terminalWidth } from '../../terminal/print.ts'
import { renderTable } from '../../terminal/table.ts'
import { ask, type CliWorld } from '../../world.ts'
import { type PolicyOptions, policyOf } from './policy-options.ts'

export function addGatewayCommands(program: Command, world: CliWorld): void {
  const gateway = program.command('gateway').description('Which calls through the gateway are cached, and which models may answer them.')
  gateway
    .command('policies', { isDefault: true })
    .description('The policies in the order in which they are looked at; the first that matches a call holds, alone.')
    .option('--org <id>')
    .option('--json', 'print the answer as JSON')
    .action((options: { org?: string; json?: boolean }) => list(world, options))
  addSet(gateway, world)
  gateway
    .command('remove')
    .description('Remove a policy.')
    .argument('<id>')
    .option('--org <id>')
    .action((id: string, { org }: { org?: string }) =>
      connected(world, 'stores', async (connection) => {
        await ask(connection, 'remove_gateway_policy', { policy_id: id, ...(org === undefined ? {} : { organization_id: org }) })
        print(world, `Policy ${id} is removed.`)
      }),
    )
}

function list(world: CliWorld, { org, json }: { org?: string; json?: boolean }): Promise<void> {
  return connected(world, 'stores', async (connection) => {
    const answer = await ask<GatewayPolicies>(connection, 'list_gateway_policies', org === undefined ? {} : { organization_id: org })
    if (json === true) return printJson(world, answer)
    if (answer.policies.length === 0)
      return remark(
        world,
        'No policies: nothing is cached, nothing is routed.',
        'Set one: purser gateway set --cache exact --ttl 3600 --scope agent',
      )
    const rows = answer.policies.map((policy) => [
      String(policy.priority),
      policy.name ?? policy.policy_id,
      `${policy.enabled ? '' : 'off: '}${matchText(policy)}`,
      doesText(policy),
      ...(policy.name === null ? [''] : [policy.policy_id]),
    ])
    print(world, renderTable(COLUMNS, rows, terminalWidth(world)))
  })
}

const COLUMNS = [
  { title: '', align: 'right' as const },
  { title: 'policy', shrink: true },
  { title: 'for', shrink: true },
  { title: 'does', shrink: true },
  { title: 'id', shrink: true },
]

function addSet(gateway: Command, world: CliWorld): void {
  gateway
    .command('set')
    .description('Declare a policy; with the id of one, it is replaced.')
    .option('--id <id>')
    .option('--name <name>')
    .option('--priority <number>', 'the lowest number is looked at first; 100 when left out')
    .option('--off', 'keep it, and let it match nothing')
    .option('--key <id...>', 'for calls with these keys')
    .option('--upstream <name...>', 'for calls to these upstreams')
    .option('--endpoint <endpoint...>', 'chat, completions, responses, messages, generate, embeddings')
    .option('--model <pattern...>', 'for calls to these models; * is any text')
    .option('--agent <name...>', 'for calls of these agents')
    .option('--team <name...>', 'for calls of these teams')
    .option('--cache <mode>', 'exact or semantic')
    .option('--ttl <seconds>', 'how old an answer may be')
    .option('--scope <scope>', 'who shares answers: user (when left out), agent, organization')
    .option('--threshold <similarity>', 'the least cosine similarity of a semantic hit, such as 0.95')
    .option('--embeddings <model@upstream>', 'what makes the embeddings of a semantic cache')
    .option('--max-bytes <bytes>', 'longer answers are not kept')
    .option('--tool-calls', 'keep answers that call tools too')
    .option('--fallback <model@upstream...>', 'after an error these are tried, in this order; the same upstream where none is said')
    .option('--on <error...>', 'timeout, connection, rate_limited, server_error, overloaded; all when left out')
    .option('--wait <seconds>', 'how long an answer may take to begin while another route is left')
    .option('--cheapest <model=score...>', 'the cheapest of these answers whose score reaches the floor')
    .option('--floor <score>', 'the least score that qualifies')
    .option('--budget-status <status>', 'what a refusal by budget is answered with: 402 (when left out), 403 or 429')
    .option('--org <id>')
    .action((options: PolicyOptions) =>
      connected(world, 'stores', async (connection) => {
        const policy = await ask<GatewayPolicyAnswer>(connection, 'set_gateway_policy', policyOf(options))
        print(world, `${policy.name ?? policy.policy_id}: ${matchText(policy)}: ${doesText(policy)}. Id ${policy.policy_id}`)
      }),
    )
}

function matchText({ match }: GatewayPolicyAnswer): string {
  const said = Object.entries(match).flatMap(([name, values]) => (values === null ? [] : [`${name} ${values.join(', ')}`]))
  return said.length === 0 ? 'all calls' : said.join('; ')
}

function doesText({ cache, budget_status, routing: { on_error, cheapest } }: GatewayPolicyAnswer): string {
  const does: string[] = []
  if (cache !== null) {
    const threshold = cache.threshold === null ? '' : ` from ${cache.threshold}`
    does.push(`cache ${cache.mode}${threshold}, ${cache.ttl_seconds} s, by ${cache.scope}`)
  }
  if (cheapest !== null) does.push(`cheapest of ${cheapest.candidates.map(targetText).join(', ')} from ${cheapest.quality_floor}`)
  if (on_error !== null) does.push(`after errors ${on_error.routes.map(targetText).join(', ')}`)
  if (budget_status !== null) does.push(`budgets refuse with ${budget_status}`)
  return does.join('; ')
}

function targetText({ upstream, model }: { readonly upstream: string | null; readonly model: string }): string {
  return upstream === null ? model : `${model}@${upstream}`
}

import type { AgentChanged, AgentStatesAnswer, OrganizationChanged } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../connected.ts'
import { print, printJson, remark, terminalWidth } from '../terminal/print.ts'
import { renderTable } from '../terminal/table.ts'
import { ask, type CliWorld, CommandFailed } from '../world.ts'

export function addAgentCommands(program: Command, world: CliWorld): void {
  const agents = program.command('agents').description('Agents that are paused or stopped, and open breakers.')
  addList(agents, world)
  addChange(agents, world, 'pause', 'Pause an agent: its next call is refused.')
  addChange(agents, world, 'stop', 'Stop an agent, or with --all every agent, until it is resumed with a reason.')
  addChange(agents, world, 'resume', 'Let an agent work again, or with --all the organization.')
}

function addList(agents: Command, world: CliWorld): void {
  agents
    .command('list', { isDefault: true })
    .description('States that were changed, why and since when.')
    .option('--org <id>')
    .option('--json', 'print the answer as JSON')
    .action((options: { org?: string; json?: boolean }) =>
      connected(world, 'stores', async (connection) => {
        const answer = await ask<AgentStatesAnswer>(
          connection,
          'list_agents',
          options.org === undefined ? {} : { organization_id: options.org },
        )
        if (options.json === true) return printJson(world, answer)
        for (const { organization_id, since, reason } of answer.stopped) {
          remark(world, `All agents of ${organization_id} are stopped since ${since}${reason === null ? '' : `: ${reason}`}`)
        }
        for (const { measure, dimension, value, action, until } of answer.open_breakers) {
          remark(world, `Open: ${measure} of ${dimension} ${value} (${action}${until === null ? '' : `, until ${until}`})`)
        }
        if (answer.agents.length === 0) return remark(world, 'No agent was ever paused or stopped.')
        const rows = answer.agents.map(({ agent_name, organization_id, state, since, reason }) => [
          agent_name,
          organization_id,
          state,
          since ?? '',
          reason ?? '',
        ])
        print(world, renderTable(COLUMNS, rows, terminalWidth(world)))
      }),
    )
}

const COLUMNS = [{ title: 'agent' }, { title: 'organization' }, { title: 'state' }, { title: 'since' }, { title: 'reason', shrink: true }]

interface ChangeOptions {
  readonly reason?: string
  readonly all?: boolean
  readonly org?: string
}

function addChange(agents: Command, world: CliWorld, verb: 'pause' | 'stop' | 'resume', description: string): void {
  const command = agents
    .command(verb)
    .description(description)
    .argument('[agent]')
    .option('--reason <text>', 'why, for whoever is refused by it')
    .option('--org <id>')
  if (verb !== 'pause') command.option('--all', 'every agent of the organization')
  command.action((agent: string | undefined, { reason, all, org }: ChangeOptions) =>
    connected(world, 'stores', async (connection) => {
      if ((agent === undefined) !== (all === true))
        throw new CommandFailed(`name one agent to ${verb}${verb === 'pause' ? '' : ', or say --all'}`)
      const input = { ...(reason === undefined ? {} : { reason }), ...(org === undefined ? {} : { organization_id: org }) }
      if (agent === undefined) {
        const changed = await ask<OrganizationChanged>(connection, `${verb}_organization`, input)
        return print(world, `All agents of ${changed.organization_id}: ${changed.state}; before: ${changed.previous_state}.`)
      }
      const changed = await ask<AgentChanged>(connection, `${verb}_agent`, { ...input, agent })
      print(world, `Agent ${changed.agent_name} is ${changed.state}; before: ${changed.previous_state}.`)
    }),
  )
}

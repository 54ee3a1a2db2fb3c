import { readFile } from 'node:fs/promises'
import type { KeyCreated, KeyRotated, PublicKeyRegistered } from '@purser/contract'
import type { Command } from 'commander'
import { connected } from '../../connected.ts'
import { print, remark } from '../../terminal/print.ts'
import { ask, type CliWorld, CommandFailed, type Connection } from '../../world.ts'
import { addKeyList, keysOf } from './list.ts'
import { addRotateAll } from './rotate-all.ts'

export function addKeyCommands(program: Command, world: CliWorld): void {
  const keys = program.command('keys').description('Keys that report calls and read answers.')
  addKeyList(keys, world)
  addCreate(keys, world)
  addRegister(keys, world)
  addRotate(keys, world)
  addRotateAll(keys, world)
  addRevoke(keys, world)
}

interface NewKeyOptions {
  readonly org: string
  readonly agent?: string
  readonly operations?: string
  readonly expires?: string
}

function addCreate(keys: Command, world: CliWorld): void {
  newKeyOptions(keys.command('create').description('Make a key. Its secret is shown once.').argument('<name>'))
    .option('--agent <agent>', 'the one agent it reports for')
    .action((name: string, options: NewKeyOptions) =>
      connected(world, 'stores', async (connection) => {
        const { key, secret, admin_secret } = await ask<KeyCreated>(connection, 'create_key', newKey(name, options))
        print(world, secret)
        remark(world, `Key ${key.id} of organization ${key.organization_id ?? 'all'}. The secret above is not shown again.`)
        showBootstrap(world, admin_secret)
      }),
    )
}

function addRegister(keys: Command, world: CliWorld): void {
  newKeyOptions(keys.command('register').description('Register the public key of an agent that signs its requests.').argument('<name>'))
    .requiredOption('--agent <agent>', 'the agent that signs')
    .requiredOption('--public-key <file>', 'Ed25519 public key: PEM, JWK, or base64')
    .action((name: string, options: NewKeyOptions & { readonly publicKey: string }) =>
      connected(world, 'stores', async (connection) => {
        const public_key = await publicKeyIn(options.publicKey)
        const { key, admin_secret } = await ask<PublicKeyRegistered>(connection, 'register_public_key', {
          ...newKey(name, options),
          public_key,
        })
        print(world, key.id)
        remark(world, `Agent ${key.agent} signs with the keyid above.`)
        showBootstrap(world, admin_secret)
      }),
    )
}

function newKeyOptions(command: Command): Command {
  return command
    .option('--org <id>', 'the organization it acts for', 'default')
    .option('--operations <names>', 'report, read, manage, or single operations and tools, separated by commas')
    .option('--expires <time>', 'when it ends, e.g. 2027-01-01')
}

function newKey(name: string, { org, agent, operations, expires }: NewKeyOptions): Record<string, unknown> {
  return {
    name,
    organization_id: org,
    ...(agent === undefined ? {} : { agent }),
    ...(operations === undefined ? {} : { operations: operations.split(',').map((each) => each.trim()) }),
    ...(expires === undefined ? {} : { expires_at: expires }),
  }
}

function showBootstrap(world: CliWorld, secret: string | undefined): void {
  if (secret === undefined) return
  print(world, secret)
  remark(world, 'This second secret is the bootstrap key, which may act for any organization; it is shown this once.')
}

async function publicKeyIn(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new CommandFailed(`${file} cannot be read: ${error.message}`)
  })
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function addRotate(keys: Command, world: CliWorld): void {
  keys
    .command('rotate')
    .description('Make a successor; both work during the grace period.')
    .argument('<key>', 'its id, or what it starts with')
    .option('--grace-hours <hours>', 'how long the old one still works; 0 ends it now', '24')
    .action((text: string, options: { graceHours: string }) =>
      connected(world, 'stores', async (connection) => {
        const id = await idOf(connection, text)
        const { key, secret, replaces } = await ask<KeyRotated>(connection, 'rotate_key', {
          key_id: id,
          grace_hours: Number(options.graceHours),
        })
        print(world, secret)
        remark(world, `Key ${key.id} replaces ${id}, which works until ${replaces.expires_at}.`)
      }),
    )
}

function addRevoke(keys: Command, world: CliWorld): void {
  keys
    .command('revoke')
    .description('End a key at once.')
    .argument('<key>', 'its id, or what it starts with')
    .action((text: string) =>
      connected(world, 'stores', async (connection) => {
        const id = await idOf(connection, text)
        await ask(connection, 'revoke_key', { key_id: id })
        print(world, `Key ${id} is revoked.`)
      }),
    )
}

/** The list shows what a key starts with, so that names it here too; a text that names no key is taken as an id, and refused as one. */
async function idOf(connection: Connection, text: string): Promise<string> {
  const named = (await keysOf(connection, undefined)).filter(({ prefix }) => prefix === text)
  if (named.length > 1) throw new CommandFailed(`${named.length} keys start with ${text}: give the id`, 'purser keys --ids shows it')
  return named[0]?.id ?? text
}

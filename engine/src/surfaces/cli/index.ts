export { runCli } from './run.ts'
export type { CliWorld, Connection, Invoke, Output } from './world.ts'

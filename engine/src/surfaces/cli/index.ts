export { runCli } from './run.ts'
export { type CliWorld, CommandFailed, type Connection, type Invoke, type Output } from './world.ts'

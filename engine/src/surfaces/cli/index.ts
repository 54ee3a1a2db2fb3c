export { runCli } from './run.ts'
export { CommandFailed, type Connection } from './world.ts'

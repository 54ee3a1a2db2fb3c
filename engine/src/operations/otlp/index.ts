export { type TelemetryReceiver, telemetryReceiver } from './receiver.ts'
export type { Taken } from './records.ts'

export type { GatewayDoor } from './doors/gateway.ts'
export { createHttpServer } from './server.ts'

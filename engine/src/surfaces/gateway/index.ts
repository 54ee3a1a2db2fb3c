export { createGatewayDoor, type GatewayDoor } from './door.ts'
export type { HoldPolicy } from './gateway.ts'
export type { Upstream } from './upstreams.ts'

export { createMcpDoor, type McpDoor } from './door.ts'

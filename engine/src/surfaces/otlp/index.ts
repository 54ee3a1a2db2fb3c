export type { OtlpAnswer } from './answer.ts'
export { createOtlpDoor } from './door.ts'

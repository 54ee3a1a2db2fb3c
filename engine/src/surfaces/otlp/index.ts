export type { OtlpAnswer } from './answer.ts'
export { createOtlpDoor, type OtlpDoor, type OtlpRequest } from './door.ts'

export type Act = 'hold' | 'extend' | 'void' | 'settle' | 'track'

export function callWithoutEnd(caller: {
  /** Of the ids of its calls. */
  readonly prefix: string
  readonly below: (limit: number) => number
  readonly act: (act: Act, id: string, input: object) => Promise<boolean>
  readonly going: () => boolean
}): Promise<void>

export const LIMITS_USD: Readonly<Record<'organization' | 'agent' | 'team', string>>

import { decideAdviceOperation } from './decide.ts'
import { listAdviceOperation } from './list.ts'

export const ADVICE_OPERATIONS = [decideAdviceOperation, listAdviceOperation]

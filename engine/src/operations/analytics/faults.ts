import { QueryFault } from '../../calls/index.ts'
import { fail, type Result, refusal } from '../../kernel/index.ts'

/** Runs a question; what the store of calls cannot answer becomes a refusal with its code. Faults of ours go on being thrown. */
export async function answering<T>(ask: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof QueryFault) return fail(refusal(error.code, error.message))
    throw error
  }
}

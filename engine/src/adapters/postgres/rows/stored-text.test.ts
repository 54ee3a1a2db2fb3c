import fc from 'fast-check'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresSkipReason, testServerUrl } from '../../../../../conformance/postgres/test-database.ts'
import { bodyArray, textArray } from './stored-text.ts'

const skipReason = await postgresSkipReason()

describe.skipIf(skipReason !== null)(`arrays as parameters ${skipReason ?? ''}`, () => {
  let sql: ReturnType<typeof postgres>
  beforeAll(async () => {
    sql = postgres(await testServerUrl(), { max: 1, onnotice: () => {}, fetch_types: false })
  })
  afterAll(() => sql.end())
  const read = async (array: string): Promise<unknown[]> =>
    (await sql.unsafe('SELECT item FROM unnest($1::text[]) WITH ORDINALITY AS listed (item, place) ORDER BY place', [array])).map(
      ({ item }) => item,
    )

  it('give back each text as it was, with whatever is in it', async () => {
    // PostgreSQL's text has no NUL, which names escape before; halves of surrogate pairs, refused at the door, are not drawn.
    const text = fc.string({ unit: 'binary' }).filter((one) => !one.includes('\0'))
    const texts = fc.array(fc.oneof(text, fc.constantFrom('NULL', '', '{}', ',', '"', '\\', 'a\nb', '\t')), { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(texts, async (values) => {
        expect(await read(textArray(values))).toEqual(values)
      }),
    )
  })

  it('give back each body as it was, whatever text is in it', async () => {
    const values = fc.array(fc.jsonValue({ stringUnit: 'binary' }), { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(values, async (bodies) => {
        const written = bodies.map((body) => JSON.stringify(body))
        expect(await read(bodyArray(written))).toEqual(written)
      }),
    )
  })
})

import { ApiError, GoogleGenAI } from '@google/genai'
import { describe, expect, it } from 'vitest'
import { skipReason } from '../../../conformance/recorded.ts'
import { requestOf } from '../../../conformance/upstream/cassette.ts'
import { allOf, thrownBy } from './all-of.ts'
import { bothWays, expectPosted, labOfFile, type Place } from './lab.ts'

const skip = skipReason('cassettes')

const lab = labOfFile()

const client = ({ base, apiKey }: Place) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: base('gemini') } })

function asked(prefix: string): { model: string; contents: never } {
  const { url } = lab.cassette(prefix)
  const model = /models\/([^:]+):/.exec(url)?.[1] ?? ''
  return { model, contents: requestOf(lab.cassette(prefix)).contents as never }
}

/** The answer without its headers, which say more through Purser. */
function told<T extends { sdkHttpResponse?: unknown }>({ sdkHttpResponse: _, ...rest }: T): object {
  return JSON.parse(JSON.stringify(rest)) as object
}

describe.skipIf(skip !== null)(`the @google/genai package ${skip ?? ''}`, () => {
  it('generates as from the provider, and pays for what was used', async () => {
    const { direct, through } = await bothWays(lab, { cassette: '022' }, async (place) =>
      told(await client(place).models.generateContent(asked('022'))),
    )
    expect(through).toEqual(direct)
    expect(JSON.stringify(through)).toContain('usageMetadata')
    await expectPosted(lab, lab.cassette('022'))
    expect(lab.upstream.received.at(-1)).toMatchObject({
      path: '/v1beta/models/gemini-2.5-flash:generateContent',
      headers: { 'x-goog-api-key': 'sk-provider-gemini' },
    })
  })

  it.each(['024', '025', '026'])('streams as from the provider, and pays for what was used: %s', async (prefix) => {
    const { direct, through } = await bothWays(lab, { cassette: prefix, cut: { seed: 1, bytesMax: 30 } }, async (place) =>
      (await allOf(await client(place).models.generateContentStream(asked(prefix)))).map(told),
    )
    expect(through).toEqual(direct)
    expect(through.length).toBeGreaterThan(0)
    await expectPosted(lab, lab.cassette(prefix))
  })

  it('throws what the provider says', async () => {
    const { direct, through } = await bothWays(lab, { cassette: '023' }, async (place) => {
      const error = await thrownBy(client(place).models.generateContent(asked('023')))
      return error instanceof ApiError ? { status: error.status, message: error.message } : { error }
    })
    expect(through).toEqual(direct)
    expect(through).toMatchObject({ status: 404 })
  })
})

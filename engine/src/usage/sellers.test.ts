import { describe, expect, it } from 'vitest'
import { addressOf, profileRegion } from './bedrock/address.ts'
import { canonicalSeller, sellerOfUrl } from './sellers.ts'

describe('sellers', () => {
  it.each([
    ['OpenAI', 'openai'],
    ['aws-bedrock', 'aws'],
    ['google-vertex', 'google'],
    ['xai', 'x-ai'],
    ['constructor', 'constructor'],
    ['My-Proxy ', 'my-proxy'],
  ])('%s is %s', (name, id) => {
    expect(canonicalSeller(name)).toBe(id)
  })

  it.each([
    ['https://api.openai.com/v1/responses', 'openai'],
    ['https://res.openai.azure.com/openai/deployments/d/chat/completions', 'azure'],
    ['https://us-central1-aiplatform.googleapis.com/v1/projects/p', 'google'],
    ['https://bedrock-runtime.us-east-1.amazonaws.com/model/m/invoke', 'aws'],
    ['http://127.0.0.1:11434/api/chat', 'ollama'],
    ['https://openai.com.example.org/v1', ''],
    ['not a url', ''],
  ])('%s is answered by "%s"', (url, seller) => {
    expect(sellerOfUrl(url)).toBe(seller)
  })

  it.each([
    [
      'https://bedrock-runtime.eu-central-1.amazonaws.com/model/eu.anthropic.claude-haiku-4-5-v1%3A0/invoke',
      'eu.anthropic.claude-haiku-4-5-v1:0',
      'eu-central-1',
    ],
    [
      'https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.titan-text-lite-v1/converse-stream',
      'amazon.titan-text-lite-v1',
      'us-east-1',
    ],
    [
      'https://bedrock-runtime.us-east-1.amazonaws.com/model/eu.anthropic.claude-haiku-4-5-v1:0/invoke',
      'eu.anthropic.claude-haiku-4-5-v1:0',
      'us-east-1',
    ],
    ['https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse', 'gemini-2.5-flash', null],
    ['https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google/models/g:generateContent', 'g', 'global'],
    ['https://res.openai.azure.com/openai/deployments/my-gpt/chat/completions?api-version=1', 'my-gpt', null],
    ['https://api.openai.com/v1/chat/completions', null, null],
  ])('%s names its model and region', (url, model, region) => {
    expect(addressOf(url)).toEqual({ model, region })
  })

  it('an inference profile names its geography, a plain model does not', () => {
    expect(profileRegion('us.anthropic.claude-sonnet-4-5')).toBe('us')
    expect(profileRegion('global.anthropic.claude-sonnet-4-5')).toBe('global')
    expect(profileRegion('us-gov.anthropic.claude')).toBe('us-gov')
    expect(profileRegion('anthropic.claude-sonnet-4-5')).toBeNull()
    expect(profileRegion('us.custom')).toBeNull()
  })
})

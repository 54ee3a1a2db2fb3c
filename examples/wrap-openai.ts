import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { callIdOf, createTracker, observeOpenAI, withRun } from '@purser/sdk'
import OpenAI from 'openai'

/**
 * Observes an OpenAI client: the code that uses it does not change. A small server stands in for OpenAI, so this runs without a key;
 * leave out `baseURL` to call the real one.
 */
const upstream = createServer((request, response) => {
  request.resume().on('end', () => {
    const usage = { prompt_tokens: 1200, completion_tokens: 80, total_tokens: 1280, prompt_tokens_details: { cached_tokens: 1024 } }
    const message = { role: 'assistant', content: 'Revenue grew.' }
    const choices = [{ index: 0, message, finish_reason: 'stop' }]
    const answer = {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 0,
      model: 'gpt-4o-2024-08-06',
      service_tier: 'default',
      choices,
      usage,
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
})
await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
const baseURL = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`

const tracker = createTracker({ organizationId: 'org_example' })
const openai = observeOpenAI(new OpenAI({ apiKey: 'not-needed', baseURL }), { tracker, agentName: 'DataAnalyzer', provider: 'openai' })

const workflowId = tracker.startWorkflow({ workflowName: 'Answer a question' })
await withRun(workflowId, async () => {
  const request = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'How did we do?' }] }
  const first = await openai.chat.completions.create(request)
  console.log(first.choices[0]?.message.content)
  // The second call was led to by the first.
  await withRun({ parentCallId: callIdOf(first) }, () => openai.chat.completions.create(request))
})
tracker.endWorkflow({ workflowId })

const { sent, lost } = await tracker.close({ timeoutMs: 5000 })
console.log(lost === 0 ? `delivered ${sent} reports` : `${lost} reports were not delivered: is a Purser running? (npm start)`)
upstream.close()

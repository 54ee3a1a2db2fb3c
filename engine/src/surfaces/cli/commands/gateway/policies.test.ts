import { expect, it } from 'vitest'
import { NOW, purser } from '../../../../../../conformance/cli/purser.ts'
import { gatewayTo, testServer } from '../../../../../../conformance/http/test-server.ts'
import { createInvoke } from '../../../../operations/index.ts'

it('sets, lists and removes policies, within 80 columns', async () => {
  const server = await testServer({ now: () => NOW, gateway: gatewayTo({}) })
  try {
    const invoke = createInvoke(server.services)
    const run = (...argv: string[]) => purser(['gateway', ...argv], invoke, 80)
    expect((await run()).err).toContain('nothing is cached, nothing is routed')
    const semantic = ['--cache', 'semantic', '--threshold', '0.95', '--embeddings', 'mistral-embed@mistral']
    const set = await run(
      'set',
      '--id',
      'support',
      '--agent',
      'support',
      'help',
      '--priority',
      '1',
      '--ttl',
      '3600',
      '--scope',
      'agent',
      ...semantic,
    )
    expect(set.out).toContain('support: agents support, help: cache semantic from 0.95, 3600 s, by agent. Id support')
    const routed = ['--upstream', 'openai', '--fallback', 'gpt-4o-mini', 'gpt-4o@azure', '--on', 'timeout', 'overloaded']
    expect((await run('set', '--name', 'Try again', ...routed)).err).toContain('there is no upstream "azure"')
    const cheapest = ['--cheapest', 'gpt-4o=90', 'gpt-4o-mini=75', 'llama3:8b@ollama=40', 'claude@20240229', '--floor', '70']
    const done = await run('set', '--id', 'again', '--name', 'Try again', ...routed.slice(0, 4), ...cheapest)
    expect(done.out).toContain('cheapest of gpt-4o, gpt-4o-mini, llama3:8b@ollama, claude@20240229 from 70; after errors gpt-4o-mini')
    const { out } = await run()
    expect(out).toMatch(/ 1 +support/)
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(JSON.parse((await run('policies', '--json')).out)).toMatchObject({
      policies: [{ policy_id: 'support' }, { routing: { cheapest: { quality: { 'gpt-4o': 90, 'gpt-4o-mini': 75, 'llama3:8b': 40 } } } }],
    })
    for (const wrong of [
      ['--ttl', '60'],
      ['--cache', 'exact', '--ttl', 'soon'],
      ['--on', 'timeout'],
      ['--floor', '3'],
      ['--cache', 'exact'],
    ])
      expect(await run('set', ...wrong)).toMatchObject({ code: 1 })
    expect((await run('remove', 'support')).out).toContain('is removed')
    expect(await run('remove', 'support')).toMatchObject({ code: 1 })
  } finally {
    await server.close()
  }
})

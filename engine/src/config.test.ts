import { describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'

describe('the environment', () => {
  it.each([
    [{}, { host: '127.0.0.1', port: 4318, data: './purser-data', adminKey: null, auth: 'local' }],
    [{ PURSER_HOST: '0.0.0.0' }, { host: '0.0.0.0', auth: 'required' }],
    [
      { PURSER_HOST: '::1', PURSER_PORT: '0' },
      { auth: 'local', port: 0 },
    ],
    [{ PURSER_AUTH: 'required' }, { host: '127.0.0.1', auth: 'required' }],
    [
      { PURSER_DATA: '', PURSER_PORT: ' ' },
      { data: './purser-data', port: 4318 },
    ],
    [{ PURSER_ADMIN_KEY: '0123456789abcdef' }, { adminKey: '0123456789abcdef' }],
    [{ PURSER_SMTP_URL: '' }, { smtp: null }],
    [{}, { metricsKey: null, probes: [] }],
    [{ PURSER_METRICS_KEY: 'open' }, { metricsKey: 'open' }],
    [
      {
        PURSER_UPSTREAMS: 'openai=https://api.openai.com/v1/models?a=b, proxy=http://10.0.0.7:4000',
        PURSER_SANDBOX_URL: 'http://127.0.0.1:2375/_ping',
      },
      {
        probes: [
          { group: 'upstreams', name: 'openai', url: 'https://api.openai.com/v1/models?a=b' },
          { group: 'upstreams', name: 'proxy', url: 'http://10.0.0.7:4000' },
          { group: 'sandbox', name: 'sandbox', url: 'http://127.0.0.1:2375/_ping' },
        ],
      },
    ],
    [
      { PURSER_SMTP_URL: 'smtp://mail.example.com', PURSER_SMTP_FROM: 'purser@example.com' },
      { smtp: { url: 'smtp://mail.example.com', from: 'purser@example.com' } },
    ],
  ])('%j', (env, expected) => {
    expect(readConfig(env)).toMatchObject({ ok: true, value: expected })
  })

  it.each([
    [{ PURSER_PORT: 'http' }, 'PURSER_PORT'],
    [{ PURSER_PORT: '65536' }, 'PURSER_PORT'],
    [{ PURSER_PORT: '-1' }, 'PURSER_PORT'],
    [{ PURSER_HOST: 'http://here' }, 'PURSER_HOST'],
    [{ PURSER_AUTH: 'none' }, 'PURSER_AUTH'],
    [{ PURSER_AUTH: 'local', PURSER_HOST: '0.0.0.0' }, 'PURSER_AUTH'],
    [{ PURSER_ADMIN_KEY: 'short' }, 'PURSER_ADMIN_KEY'],
    [{ PURSER_SMTP_URL: 'mail.example.com', PURSER_SMTP_FROM: 'purser@example.com' }, 'PURSER_SMTP_URL'],
    [{ PURSER_SMTP_URL: 'smtp://mail.example.com' }, 'PURSER_SMTP_FROM'],
    [{ PURSER_METRICS_KEY: 'short' }, 'PURSER_METRICS_KEY'],
    [{ PURSER_UPSTREAMS: 'https://api.openai.com' }, 'PURSER_UPSTREAMS'],
    [{ PURSER_UPSTREAMS: 'openai=file:///etc/passwd' }, 'PURSER_UPSTREAMS'],
    [{ PURSER_SANDBOX_URL: 'unix:///var/run/docker.sock' }, 'PURSER_SANDBOX_URL'],
  ])('%j is refused by name', (env, name) => {
    const config = readConfig(env)
    expect(config.ok ? [] : config.error).toEqual([expect.stringContaining(name)])
  })

  it('lists everything that is wrong at once', () => {
    const config = readConfig({ PURSER_PORT: 'x', PURSER_AUTH: 'y', PURSER_ADMIN_KEY: 'z' })
    expect(config.ok ? 0 : config.error.length).toBe(3)
  })
})

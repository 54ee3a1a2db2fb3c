import { defineConfig } from 'vitest/config'
import { ClosingLineReporter } from './checks/closing-line-reporter.ts'

const conditions = ['@purser/source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['{contract,engine,sdk,checks,conformance,examples}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    reporters: ['default', new ClosingLineReporter()],
    globalSetup: ['conformance/postgres/global-setup.ts'],
    pool: 'forks',
    // One worker fewer than there are processors would leave half of a small machine idle.
    maxWorkers: '100%',
    // A worker loads the program once, and not once for each file: no module keeps what a test would have to forget.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})

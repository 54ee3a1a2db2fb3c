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
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})

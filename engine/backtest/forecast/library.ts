import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { AutoETS, initSync as initEts } from '@bsull/augurs/ets'
import { initSync as initMstl, MSTL } from '@bsull/augurs/mstl'
import type { Asked } from './methods.ts'

const HISTORY_MAX = 730
let isReady = false

/**
 * The library that could have been taken, augurs: a decomposition by loess, and an automatic exponential smoother for what is left of it; the
 * smoother alone where fewer than two cycles are known. Null where it gives up.
 */
export function libraryForecast({ known, origin, seasonSteps }: Asked): number | null {
  if (!isReady) {
    const folder = pathToFileURL(createRequire(import.meta.url).resolve('@bsull/augurs'))
    initEts({ module: readFileSync(new URL('ets_bg.wasm', folder)) })
    initMstl({ module: readFileSync(new URL('mstl_bg.wasm', folder)) })
    isReady = true
  }
  const recent = Float64Array.from(known.slice(-HISTORY_MAX))
  const model = recent.length > 2 * seasonSteps ? MSTL.ets([seasonSteps], {}) : new AutoETS(1, 'ZZN')
  try {
    model.fit(recent)
    const { point } = model.predict(origin.end - origin.at)
    const first = (point[0] ?? 0) * (1 - (origin.running?.share ?? 0))
    const sum = point.slice(1).reduce((total, value) => total + value, first)
    return Number.isFinite(sum) ? sum : null
  } catch {
    return null
  } finally {
    model.free()
  }
}

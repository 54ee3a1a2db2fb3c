import { type ActuatorAnswer, actuatorIndex, ENDPOINTS } from '@purser/contract'
import { ok, type Result } from '../../../kernel/index.ts'
import { implement } from '../../operation.ts'

const BASE = '/actuator'

/** As other actuators name what has a parameter in its path. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['/actuator', 'self'],
  ['/actuator/health/{component}', 'health-path'],
  ['/actuator/metrics/{name}', 'metrics-requiredMetricName'],
])

/** What can be asked below `/actuator`, from the list of endpoints. Relative, because a proxy may have given the server another name. */
export const actuatorIndexOperation = implement(actuatorIndex, async (): Promise<Result<ActuatorAnswer>> => {
  const paths = ENDPOINTS.map(({ path }) => path).filter((path) => path === BASE || path.startsWith(`${BASE}/`))
  const links = paths.map((path): [string, ActuatorAnswer['_links'][string]] => [
    nameOf(path),
    { href: path, templated: path.includes('{') },
  ])
  return ok({ _links: Object.fromEntries(links) })
})

function nameOf(path: string): string {
  return NAMES.get(path) ?? path.slice(BASE.length + 1).replaceAll('/', '-')
}

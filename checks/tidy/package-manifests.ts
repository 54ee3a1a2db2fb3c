import type { Rule, SourceFile, Violation } from './rule.ts'

const EXACT = /^(?:npm:(?:@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/
const KINDS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies', 'overrides'] as const
const PUBLIC_REGISTRY = 'registry.npmjs.org'

/** The same sources give the same program: every version is one version. */
export const pinnedVersions: Rule = {
  name: 'pinned versions',
  check: (files) => {
    const versions = files.filter((file) => /(?:^|\/)package\.json$/.test(file.path)).flatMap(versionsOf)
    const violations = versions
      .filter(({ version }) => !EXACT.test(version))
      .map(({ path, name, version }) => ({ path, message: `${name} is "${version}", which is not one version` }))
    return { seen: versions.length, unit: 'versions', violations }
  },
}

function versionsOf(file: SourceFile): { path: string; name: string; version: string }[] {
  const manifest = JSON.parse(file.text) as Partial<Record<(typeof KINDS)[number], Record<string, string>>>
  return KINDS.flatMap((kind) => Object.entries(manifest[kind] ?? {}).map(([name, version]) => ({ path: file.path, name, version })))
}

interface Locked {
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

function lockedPackages(files: readonly SourceFile[]): [string, Locked][] {
  const lock = files.find((file) => file.path === 'package-lock.json')
  const { packages = {} } = lock === undefined ? {} : (JSON.parse(lock.text) as { packages?: Record<string, Locked> })
  return Object.entries(packages)
}

/**
 * The lock file works on every platform. npm leaves a package of another platform out when the registry at hand lacks it, and
 * `npm ci` then refuses the lock file.
 */
export const lockComplete: Rule = {
  name: 'a complete lock file',
  check: (files) => {
    const entries = lockedPackages(files)
    const places = new Set(entries.map(([place]) => place))
    const violations = entries.flatMap(([place, entry]): Violation[] =>
      Object.keys(entry.optionalDependencies ?? {})
        .filter((name) => !places.has(`node_modules/${name}`) && !places.has(`${place}/node_modules/${name}`))
        .map((name) => ({ path: 'package-lock.json', message: `lacks ${name}, which ${place} names for some platform` })),
    )
    return { seen: entries.length, unit: 'locked packages', violations }
  },
}

/** The lock file works for everyone: it names no registry but the public one, and neither does the configuration of npm. */
export const lockHosts: Rule = {
  name: 'no registry hosts',
  check: (files) => {
    const npmrc = files.find((file) => file.path === '.npmrc')
    const entries = lockedPackages(files)
    const violations = entries.flatMap(([name, entry]): Violation[] => {
      const host = /^\w[\w+.-]*:\/\/([^/]*)/.exec(entry.resolved ?? '')?.[1]
      return host === undefined || host === PUBLIC_REGISTRY
        ? []
        : [{ path: 'package-lock.json', message: `${name} is resolved at ${host}` }]
    })
    return { seen: entries.length, unit: 'locked packages', violations: [...violations, ...npmrcViolations(npmrc)] }
  },
}

function npmrcViolations(npmrc: SourceFile | undefined): Violation[] {
  const lines = (npmrc?.text ?? '').split('\n').map((line) => line.replaceAll(' ', ''))
  const found: Violation[] = []
  if (!lines.includes('omit-lockfile-registry-resolved=true')) {
    found.push({ path: '.npmrc', message: 'lacks omit-lockfile-registry-resolved=true, which keeps hosts out of the lock file' })
  }
  if (lines.some((line) => /(?:^|:)registry=|_authToken=/.test(line)))
    found.push({ path: '.npmrc', message: 'names a registry or a token' })
  return found
}

import { docLinks } from './doc-links.ts'
import { fileLength } from './file-length.ts'
import { fileNames } from './file-names.ts'
import { folderSize } from './folder-size.ts'
import { noAny, noConsole, noDefaultExport, noFocusedTests, noProcessExit } from './forbidden-code.ts'
import { layerOrder } from './layer-order.ts'
import { layerReadmes } from './layer-readmes.ts'
import { leftovers } from './leftovers.ts'
import { machinePaths } from './machine-paths.ts'
import { lockComplete, lockHosts, pinnedVersions } from './package-manifests.ts'
import type { Rule } from './rule.ts'
import { skippedTests } from './skipped-tests.ts'

/** All rules that the code keeps about itself, in the order of the report. */
export const RULES: readonly Rule[] = [
  layerOrder,
  layerReadmes,
  fileLength,
  folderSize,
  fileNames,
  noDefaultExport,
  noAny,
  noConsole,
  noProcessExit,
  noFocusedTests,
  skippedTests,
  leftovers,
  machinePaths,
  pinnedVersions,
  lockHosts,
  lockComplete,
  docLinks,
]

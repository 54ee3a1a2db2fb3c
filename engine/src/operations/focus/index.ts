import { exportFocusOperation } from './export-focus.ts'
import { focusConformanceOperation } from './focus-conformance.ts'

export const FOCUS_OPERATIONS = [exportFocusOperation, focusConformanceOperation]

export { beginPassage, type Passage, type PlannedCall, type Said } from './passage.ts'
export { recordPassed } from './settle.ts'

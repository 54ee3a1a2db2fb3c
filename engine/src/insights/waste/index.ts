export { findWaste, type WasteReport } from './waste.ts'

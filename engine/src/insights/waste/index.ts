export { findWaste, type WasteReport, wasteByBucket } from './waste.ts'

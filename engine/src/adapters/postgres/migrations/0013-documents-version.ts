/** Counts changes of documents, so that nodes that keep some in memory know when to read them again. */
export const DOCUMENTS_VERSION = `
ALTER TABLE purser.rules ADD COLUMN documents_version BIGINT NOT NULL DEFAULT 0;
`

import { ofBooks } from './row-security.ts'

/** What is drawn once for all nodes together, such as the key of fingerprints. No organization reads it. */
export const INSTALLATION = `
CREATE TABLE purser.installation (name TEXT COLLATE "C" PRIMARY KEY, value TEXT COLLATE "C" NOT NULL);
${ofBooks('installation', 'appended')}
`

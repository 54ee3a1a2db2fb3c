import { BOOKS_ROLE, TENANT_ROLE } from '../connect/connect.ts'
import { ofBooks, ofOrganizations } from './row-security.ts'

/**
 * The journal and what it adds up to. The organization is first in every key, so that a database can be split by it. Text sorts by its bytes,
 * whatever the locale of the database.
 *
 * `ledger_head` has one row. Whoever writes to the ledger locks it first: seqs have no gaps, entries become visible in their order, and two nodes
 * cannot wait for each other. Its `version` counts the transactions that changed anything: a node that finds the number it left knows that no other
 * node was there. An entry is unique by what it was posted under, so that no fault of ours can post an id twice.
 *
 * `journal_spans` has the times of the calls in each 1024 entries, so that the calls of some days are read without those of the years.
 */
export const LEDGER = `
GRANT USAGE ON SCHEMA purser TO ${BOOKS_ROLE}, ${TENANT_ROLE};

CREATE TABLE purser.ledger_head (
  one BOOLEAN PRIMARY KEY DEFAULT true CHECK (one),
  seq BIGINT NOT NULL,
  version BIGINT NOT NULL
) WITH (fillfactor = 10);
INSERT INTO purser.ledger_head (seq, version) VALUES (0, 0);
${ofBooks('ledger_head', 'changed')}

CREATE TABLE purser.organizations (organization TEXT COLLATE "C" PRIMARY KEY);
${ofOrganizations('organizations', 'appended')}

CREATE TABLE purser.journal (
  organization TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  adjusts TEXT COLLATE "C",
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, kind, id)
);
CREATE INDEX journal_by_seq ON purser.journal (seq);
CREATE INDEX journal_by_adjusted ON purser.journal (organization, adjusts) WHERE adjusts IS NOT NULL;
${ofOrganizations('journal', 'appended')}

CREATE TABLE purser.journal_spans (span BIGINT PRIMARY KEY, earliest BIGINT NOT NULL, latest BIGINT NOT NULL) WITH (fillfactor = 50);
${ofBooks('journal_spans', 'changed')}

CREATE TABLE purser.runs (
  organization TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, id)
);
CREATE INDEX runs_by_id ON purser.runs (id);
${ofOrganizations('runs', 'changed')}

CREATE TABLE purser.sessions (LIKE purser.runs INCLUDING ALL);
${ofOrganizations('sessions', 'changed')}

CREATE TABLE purser.accounts (
  organization TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  debits NUMERIC(38, 12) NOT NULL,
  credits NUMERIC(38, 12) NOT NULL,
  PRIMARY KEY (organization, account)
) WITH (fillfactor = 50);
${ofOrganizations('accounts', 'changed')}
`

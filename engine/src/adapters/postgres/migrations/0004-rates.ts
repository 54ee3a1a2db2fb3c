import { TENANT_ROLE } from '../connect/connect.ts'
import { ofBooks, ofOrganizations } from './row-security.ts'

/** Rate cards and currency rates: appended, never changed, but for the time of a retraction. Public cards have the organization `\*`, and everyone reads them. */
export const RATES = `
CREATE TABLE purser.rate_cards (
  organization TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  seller TEXT COLLATE "C" NOT NULL,
  model TEXT COLLATE "C" NOT NULL,
  recorded_at BIGINT NOT NULL,
  retracted_at BIGINT,
  body TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (organization, id)
);
CREATE INDEX rate_cards_by_model ON purser.rate_cards (organization, seller, model);
${ofOrganizations('rate_cards', 'changed', { shared: true })}

CREATE TABLE purser.fx_rates (seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body TEXT COLLATE "C" NOT NULL);
${ofBooks('fx_rates', 'appended')}
CREATE POLICY of_tenant ON purser.fx_rates FOR SELECT TO ${TENANT_ROLE} USING (true);
GRANT SELECT ON purser.fx_rates TO ${TENANT_ROLE};
`

import table from './columns.json' with { type: 'json' }

/** `1.5-draft` has the columns of 1.4 and the names that the working draft gives to the properties of tokens. */
export const FOCUS_VERSIONS = ['1.4', '1.2', '1.5-draft'] as const
export type FocusVersion = (typeof FOCUS_VERSIONS)[number]

/** A row of the dataset: its cells in the order of the columns, as text like in a file; null where there is nothing to say. */
export type FocusRow = readonly (string | null)[]

/** Some cells of a row by the names of their columns. */
export type FocusCells = Readonly<Record<string, string | null>>

/** A column of the dataset Cost and Usage, as the specification describes it. */
export interface FocusColumn {
  readonly name: string
  readonly level: 'mandatory' | 'conditional' | 'recommended'
  readonly type: 'decimal' | 'string' | 'datetime' | 'json'
  /** Whether nulls are allowed. */
  readonly nulls: boolean
  readonly values?: readonly string[]
  readonly format?: 'unit' | 'currency' | 'key-value' | 'object' | 'non-negative'
  /** What the column must be there for. */
  readonly condition?: string
  readonly since: string
}

/** All 65 columns of 1.4. */
const COLUMNS_1_4: readonly FocusColumn[] = table.columns.map((column) => column as FocusColumn)

/** Columns that 1.2 asks for and 1.4 has dropped. */
const ONLY_1_2: readonly FocusColumn[] = ['ProviderName', 'PublisherName'].map((name) => ({
  name,
  level: 'mandatory',
  type: 'string',
  nulls: false,
  since: '0.5',
}))

const COLUMNS_1_2: readonly FocusColumn[] = [...COLUMNS_1_4.filter(({ since }) => Number(since) <= 1.2), ...ONLY_1_2]

/** The columns that a version knows, the mandatory ones of 1.4 first. */
export function columnsOf(version: FocusVersion): readonly FocusColumn[] {
  return version === '1.2' ? COLUMNS_1_2 : COLUMNS_1_4
}

/** Columns of another version, which are not columns of this one. */
export function foreignColumns(version: FocusVersion): readonly string[] {
  const known = new Set(columnsOf(version).map(({ name }) => name))
  return [...COLUMNS_1_4, ...ONLY_1_2].map(({ name }) => name).filter((name) => !known.has(name))
}

/** Why a conditional or recommended column is not in what Purser writes; every such column is in one of these groups. */
export const NOT_SUPPORTED: Readonly<Record<string, string>> = {
  'Supports data generator-calculated split cost allocation':
    'an export has what was called and posted; shared cost is split in reports, not here',
  'Supports capacity reservations': 'no seller of tokens states a capacity reservation for a call',
  'Supports commitment discounts':
    'commitments towards a seller are not known here; wallets and deposits move money inside the organization',
  'Supports commitment programs': 'commitment programs of sellers are not known here',
  'Supports contract commitments': 'contract commitments towards sellers are not known here',
  'Supports payable invoices': "the seller's invoice and its number are not known here",
  'Supports prices in virtual currency and publishes unit prices exclusive of discounts': 'every price is in a national currency',
  'Supports deploying resources or services within an availability zone': 'no call states an availability zone',
}

interface OwnColumn {
  readonly name: string
  readonly type: FocusColumn['type']
}

/** Columns of ours, which begin with x_. */
const OWN_COLUMNS: readonly OwnColumn[] = [
  { name: 'x_AgentId', type: 'string' },
  { name: 'x_Team', type: 'string' },
  { name: 'x_Project', type: 'string' },
  { name: 'x_CostCenter', type: 'string' },
  { name: 'x_WorkflowId', type: 'string' },
  { name: 'x_Action', type: 'string' },
  { name: 'x_UserId', type: 'string' },
  { name: 'x_SessionId', type: 'string' },
  { name: 'x_RunId', type: 'string' },
  { name: 'x_CallId', type: 'string' },
  { name: 'x_PrincipalId', type: 'string' },
  { name: 'x_CredentialId', type: 'string' },
  { name: 'x_ConsumerId', type: 'string' },
  { name: 'x_SellerId', type: 'string' },
  { name: 'x_ServiceTier', type: 'string' },
  { name: 'x_RequestCount', type: 'decimal' },
  { name: 'x_CostConfidence', type: 'string' },
  { name: 'x_PriceSource', type: 'string' },
  { name: 'x_PriceVersion', type: 'string' },
  { name: 'x_ListPriceSource', type: 'string' },
  { name: 'x_CorrectedIn', type: 'string' },
]

/** What is in a file of ours, in its order: the columns of the version that Purser has something to say for, then its own. */
export function writtenColumns(version: FocusVersion): readonly OwnColumn[] {
  return WRITTEN[version]
}

const WRITTEN: Readonly<Record<FocusVersion, readonly OwnColumn[]>> = {
  '1.4': written('1.4'),
  '1.2': written('1.2'),
  '1.5-draft': written('1.5-draft'),
}

function written(version: FocusVersion): readonly OwnColumn[] {
  return [
    ...columnsOf(version).filter(({ condition }) => condition === undefined || !Object.hasOwn(NOT_SUPPORTED, condition)),
    ...OWN_COLUMNS,
  ]
}

import table from './providers.json' with { type: 'json' }

/** How FOCUS names who stands behind a charge. */
export interface Provider {
  readonly serviceName: string
  /** Who makes it available for purchase. */
  readonly serviceProvider: string
  /** On whose infrastructure it runs; null where a router chooses and does not say. */
  readonly host: string | null
  readonly invoiceIssuer: string
}

interface SellerFacts {
  readonly name: string
  readonly service?: string
  readonly hosts?: boolean
}

const SELLERS: Readonly<Record<string, SellerFacts>> = table.sellers
const ROUTERS: Readonly<Record<string, SellerFacts>> = table.routers

/** The names of a seller of the catalog; a seller that the table does not know keeps the id it was reported by. */
export function providerOf(seller: string): Provider {
  const router = Object.keys(ROUTERS).find((start) => seller.startsWith(start))
  const facts = factsOf(router ?? seller, router === undefined ? SELLERS : ROUTERS)
  const host = router === undefined ? facts : factsOf(seller.slice(router.length).replace(/-ai$/, ''), SELLERS)
  return {
    serviceName: facts.service ?? `${facts.name} API`,
    serviceProvider: facts.name,
    host: facts.hosts === false ? null : host.name,
    invoiceIssuer: facts.name,
  }
}

function factsOf(seller: string, facts: Readonly<Record<string, SellerFacts>>): SellerFacts {
  return Object.hasOwn(facts, seller) ? (facts[seller] ?? { name: seller }) : { name: seller === '' ? 'Unknown seller' : seller }
}

export interface ModelNames {
  readonly developer: string
  readonly family: string
}

const FAMILIES = table.families.map(({ starts, developer, family }) => ({
  // A name may come behind a route or a region: `us.anthropic.claude-…`, `openai/gpt-…`.
  pattern: new RegExp(`(?:^|[/.:@])(?:${starts.join('|')})`),
  names: { developer, family },
}))

/** Who made a model and what family it is of, where its name says so; null for other names: not known, so not said. */
export function modelNamesOf(model: string): ModelNames | null {
  const name = model.toLowerCase()
  return FAMILIES.find(({ pattern }) => pattern.test(name))?.names ?? null
}

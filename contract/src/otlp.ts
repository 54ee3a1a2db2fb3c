/** The signals of OpenTelemetry's protocol over HTTP, and where each is taken. */
export const OTLP_SIGNALS = ['traces', 'logs', 'metrics'] as const
export type OtlpSignal = (typeof OTLP_SIGNALS)[number]

/** At the root, where an exporter looks without any setting, and below a path of its own. */
export const OTLP_PATHS: readonly { readonly path: string; readonly signal: OtlpSignal }[] = ['', '/otlp'].flatMap((base) =>
  OTLP_SIGNALS.map((signal) => ({ path: `${base}/v1/${signal}`, signal })),
)

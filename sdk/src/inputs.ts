/** When something happened: a `Date`, milliseconds since 1970, or RFC 3339 text. Left out: now. */
export type When = Date | number | string

/** Who and what a cost belongs to. What a call leaves out it inherits on the server from its run, then its session, then the key. */
export interface Attribution {
  readonly organizationId?: string | undefined
  readonly userId?: string | undefined
  readonly sessionId?: string | undefined
  readonly team?: string | undefined
  readonly project?: string | undefined
  readonly costCenter?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}

export interface WorkflowStartInput extends Attribution {
  readonly workflowName: string
  /** Made when left out. Give your own to make a repeat of yours count once. */
  readonly workflowId?: string | undefined
  readonly parentWorkflowId?: string | undefined
  readonly agentName?: string | undefined
  readonly action?: string | undefined
  readonly timestamp?: When | undefined
}

export interface WorkflowEndInput {
  readonly workflowId: string
  /** Default: true, or false when `error` is given. */
  readonly success?: boolean | undefined
  readonly error?: string | undefined
  readonly organizationId?: string | undefined
  readonly timestamp?: When | undefined
}

export interface SessionStartInput extends Attribution {
  readonly timestamp?: When | undefined
}

export interface SessionEndInput {
  readonly sessionId: string
  readonly organizationId?: string | undefined
  readonly timestamp?: When | undefined
}

export type ServiceTier = 'standard' | 'batch' | 'flex' | 'priority' | 'fast' | 'ultrafast' | 'provisioned'

/** One call of an agent to a model. Give the counters, or the provider's own `response`, from which the server reads them. */
export interface AgentCallInput extends Attribution {
  readonly agentName?: string | undefined
  readonly model?: string | undefined
  /** Who invoices: openai, anthropic, google, aws, azure, openrouter, … Inferred from the model when left out. */
  readonly provider?: string | undefined
  /** All input tokens, cached ones included. */
  readonly inputTokens?: number | undefined
  /** All output tokens, reasoning included. */
  readonly outputTokens?: number | undefined
  readonly cacheReadTokens?: number | undefined
  readonly cacheWriteTokens?: number | undefined
  readonly cacheWrite1hTokens?: number | undefined
  readonly reasoningTokens?: number | undefined
  readonly inputAudioTokens?: number | undefined
  readonly outputAudioTokens?: number | undefined
  readonly webSearches?: number | undefined
  /** The provider's response object, or its JSON text. Only what metering needs of it leaves the process; what was written is removed first. */
  readonly response?: unknown
  readonly serviceTier?: ServiceTier | undefined
  readonly region?: string | undefined
  /** What the provider itself billed in US dollars: decimal text is exact. */
  readonly costUsd?: string | number | undefined
  readonly latencyMs?: number | undefined
  /** Default: true, or false when `error` is given. */
  readonly success?: boolean | undefined
  /** A code such as `rate_limit_exceeded`, at most 256 characters. */
  readonly error?: string | undefined
  /** Made when left out. Give your own to make a repeat of yours count once. */
  readonly callId?: string | undefined
  readonly workflowId?: string | undefined
  readonly workflowName?: string | undefined
  readonly parentCallId?: string | undefined
  readonly action?: string | undefined
  /** Equal for equal requests, made with a key: see `fingerprintOf`. Never the text itself. */
  readonly promptFingerprint?: string | undefined
  /** What reported it, for tools built on this one. Default: `sdk`. */
  readonly source?: string | undefined
  readonly timestamp?: When | undefined
}

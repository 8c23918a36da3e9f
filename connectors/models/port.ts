/** How an answer is made to be JSON. `native`: the provider constrains it; `prompt`: the instructions ask for it, which always works. */
export type StructuredMode = 'native' | 'prompt';

/** Which model, as the configuration names it. Never holds a credential. */
export interface ModelProfile {
  readonly name: string;
  readonly provider: 'bedrock';
  readonly modelId: string;
  readonly maxOutputTokens: number;
  /** For the whole call, the adapter's own retries included. */
  readonly timeoutMs: number;
}

export interface ModelRequest {
  /** Role and rules: the same for every call of a prompt version. */
  readonly system: string;
  readonly turns: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[];
  readonly output: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };
  /** Ids for the provider's own logs; never payload. Letters, digits and `:_@$#=/+,-.` only. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * What came back. `json` is parsed and otherwise unchecked: an adapter never judges meaning.
 * `truncated` is a failure, not a repair case: the limit must be raised or the evidence shortened.
 */
export interface ModelReply {
  readonly outcome: 'json' | 'refused' | 'blocked' | 'truncated' | 'unparseable';
  readonly json?: unknown;
  /** Goes to the evidence bucket, never to a log or a table. */
  readonly rawText: string;
  /** The provider's own word for why it stopped. */
  readonly stop: string;
  readonly mode: StructuredMode;
  /** Tokens; `input` does not include what the cache read or wrote. */
  readonly usage: {
    readonly input: number;
    readonly output: number;
    readonly cacheRead: number;
    readonly cacheWrite: number;
  };
  readonly provider: { readonly requestId?: string; readonly latencyMs: number; readonly attempts: number };
}

export interface ModelPort {
  readonly profile: ModelProfile;
  /** @throws ModelError and nothing else */
  generate(request: ModelRequest): Promise<ModelReply>;
}

export const MODEL_ERROR_KINDS = [
  'throttled',
  'unavailable',
  'timeout',
  'denied',
  'invalid_request',
  'too_long',
  'config',
] as const;
export type ModelErrorKind = (typeof MODEL_ERROR_KINDS)[number];

/** The model could not be asked or gave no usable reply. `kind` says whether waiting, a person or a smaller request helps. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly kind: ModelErrorKind;
  constructor(kind: ModelErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

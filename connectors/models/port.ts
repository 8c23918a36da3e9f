import type { StructuredMode } from '../../domain/config/models.ts';
import type { NamedProfile } from '../../domain/models/route.ts';

/** A tool as a model is offered it. Parameters are ids and enums only: nothing free may leave through a tool. */
export interface ToolOffer {
  /** `^[a-z][a-z_]{0,39}$`, which all providers take. */
  readonly name: string;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** What a model asked for: as it was said, unchecked. `id` is the provider's. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
}

export interface ToolResult {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly ok: boolean;
}

export type Turn =
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string }
  /** A reply with outcome `tool_calls`, as it came. `continuation` is the adapter's own (signed reasoning must go back unchanged). */
  | { readonly role: 'calls'; readonly calls: readonly ToolCall[]; readonly continuation: unknown }
  | { readonly role: 'results'; readonly results: readonly ToolResult[] };

export interface ModelRequest {
  /** Role, rules, catalogues: the same for every call of a prompt version, so that it can be cached. */
  readonly system: string;
  readonly turns: readonly Turn[];
  readonly output: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };
  /** Absent or empty: none are offered. */
  readonly tools?: readonly ToolOffer[];
  /** The tools stay declared, because providers refuse a history of calls without them, but none may be called any more. */
  readonly toolsClosed?: boolean;
  /** Ids for the provider's own logs; never payload. Letters, digits and `:_@$#=/+,-.` only. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Ends the call early; the adapter then throws ModelError `timeout`. */
  readonly signal?: AbortSignal;
}

/** Tokens; `input` does not include what the cache read or wrote. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/**
 * What came back. `json` is parsed and otherwise unchecked: an adapter never judges meaning.
 * `truncated` is a failure, not a repair case: the limit must be raised or the evidence shortened.
 */
export interface ModelReply {
  readonly outcome: 'json' | 'tool_calls' | 'refused' | 'blocked' | 'truncated' | 'unparseable';
  readonly json?: unknown;
  /** With outcome `tool_calls`, at least one. */
  readonly calls?: readonly ToolCall[];
  readonly continuation?: unknown;
  /** Goes to the evidence bucket, never to a log or a table. */
  readonly rawText: string;
  /** The provider's own word for why it stopped. */
  readonly stop: string;
  readonly mode: StructuredMode;
  readonly usage: Usage;
  readonly provider: {
    readonly requestId?: string;
    readonly modelReported?: string;
    /** A guardrail that only detects said something. */
    readonly guardrailNoticed?: boolean;
    readonly latencyMs: number;
    readonly attempts: number;
  };
}

export interface ModelPort {
  readonly profile: NamedProfile;
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
  readonly retryAfterMs: number | undefined;
  constructor(kind: ModelErrorKind, message: string, options?: ErrorOptions & { readonly retryAfterMs?: number }) {
    super(message, options);
    this.kind = kind;
    this.retryAfterMs = options?.retryAfterMs;
  }
}

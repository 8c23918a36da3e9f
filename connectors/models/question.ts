import type { ModelsConfiguration } from '../../domain/config/models.ts';
import type { EvidencePack } from '../../domain/evidence/pack.ts';
import type { NamedProfile, Route } from '../../domain/models/route.ts';
import type { LookUp } from '../look-up/port.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import type { AuditLog, BlobStore } from '../store/ports.ts';
import type { SpendingStore } from '../store/spending-port.ts';
import type { ModelPort } from './port.ts';

/** What a conversation with models uses. */
export interface ConversationDeps {
  /** One adapter for the life of a process: it remembers what its model does not accept. */
  readonly load: (profile: NamedProfile) => Promise<ModelPort>;
  /** Absent: no tools are offered. */
  readonly lookUp?: LookUp | undefined;
  readonly blobs: Pick<BlobStore, 'put'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly spending: Pick<SpendingStore, 'reserve' | 'settle'>;
  readonly telemetry: Pick<Telemetry, 'warn' | 'count'>;
  readonly limits: Pick<ModelsConfiguration, 'budget' | 'tools'>;
  readonly now: () => Date;
  /** Unguessable, new each time: names calls, and the boundary around evidence. */
  readonly nonce: () => string;
}

/** A pack as it lies in the evidence bucket. */
export interface StoredPack {
  readonly key: string;
  readonly sha256: string;
  readonly pack: EvidencePack;
}

export interface Opening {
  readonly system: string;
  readonly user: string;
  readonly output: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> };
}

/**
 * What an answer is worth. `faults`: how much of it was thrown away; of two answers the one with fewer is taken.
 * `repair`: the broken rules for the one repair turn, absent where asking again would be in vain.
 */
export type Judgement<T> =
  | { readonly ok: true; readonly value: T; readonly faults: number; readonly repair?: string | undefined }
  | { readonly ok: false; readonly reason: string; readonly repair?: string | undefined };

/** Which text was sent, for the audit log. */
export interface PromptIdentity {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
}

/** The repair turn: `write` puts the broken rules into its text. */
export interface RepairPrompt extends PromptIdentity {
  readonly write: (broken: string) => string;
}

export interface Question<T> {
  readonly incidentId: string;
  /** For the audit log and reports: `incident-analysis`, `ask` … */
  readonly purpose: string;
  /** The verb that asks, for the audit log. */
  readonly actor: string;
  readonly route: Route;
  readonly prompt: PromptIdentity;
  readonly repair: RepairPrompt;
  readonly evidence: StoredPack;
  /** Text of the first turn. `boundary` is the line the evidence must stand between. */
  readonly open: (boundary: string) => Opening;
  readonly judge: (answer: unknown, pack: EvidencePack, boundary: string) => Judgement<T>;
  /** Nothing new is begun after this. */
  readonly deadline: Date;
}

/** Why a profile did not answer, in words for people. */
export interface FellBack {
  readonly profile: string;
  readonly why: string;
}

export type Answered<T> =
  | {
      readonly ok: true;
      readonly value: T;
      readonly author: Author;
      /** The evidence with what was looked up; the same object as asked with when nothing was. */
      readonly evidence: StoredPack;
      readonly fellBack: readonly FellBack[];
      readonly summary: CallSummary;
    }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly fellBack: readonly FellBack[];
      readonly summary: CallSummary;
    };

export interface Author {
  readonly profile: string;
  readonly provider: NamedProfile['provider'];
  readonly modelId: string;
  readonly promptId: string;
  readonly promptVersion: string;
  readonly promptSha256: string;
}

/** What the conversation took, over all profiles. */
export interface CallSummary {
  readonly calls: number;
  readonly lookUps: number;
  readonly tokens: number;
  /** Millionths of a US dollar. */
  readonly microUsd: number;
  /** Calls whose price is unknown. */
  readonly unpricedCalls: number;
  /** Calls as the audit log names them. */
  readonly callIds: readonly string[];
}

/** Both together. */
export function sum(a: CallSummary, b: CallSummary): CallSummary {
  return {
    calls: a.calls + b.calls,
    lookUps: a.lookUps + b.lookUps,
    tokens: a.tokens + b.tokens,
    microUsd: a.microUsd + b.microUsd,
    unpricedCalls: a.unpricedCalls + b.unpricedCalls,
    callIds: [...a.callIds, ...b.callIds],
  };
}

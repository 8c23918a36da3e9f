import type { PlannedRequest, PreparedAction } from '../../domain/actions/action.ts';
import type { AwsReader, AwsWriter } from './aws/api.ts';
import { callOf } from './aws/requests.ts';
import type { Catalogue, CatalogueEntry } from './catalogue.ts';
import { TargetError } from './errors.ts';
import type { KubernetesReader, KubernetesWriter } from './kubernetes/api.ts';
import { checkGuarded } from './kubernetes/requests.ts';
import { mismatch, notConfigured, type ReadingClients } from './reading.ts';
import type { VendorReader, VendorWriter } from './vendor/api.ts';

/**
 * What a roll-back would send at this moment. `nothing`: the target no longer is as the action left it, and why · `unreadable`:
 * nobody can say.
 */
export type Rehearsal =
  | { readonly kind: 'ready'; readonly requests: readonly PlannedRequest[]; readonly said: string }
  | { readonly kind: 'nothing'; readonly said: string }
  | { readonly kind: 'unreadable'; readonly said: string };

/** The clients a rehearsal reads with. */
export type RehearsalClients = Pick<ReadingClients, 'kubernetes' | 'aws' | 'vendor'>;

/** What `plan-undo` and `verify-undo` may do with a target beside reading it: play its roll-back, sending nothing. */
export interface RehearsingTargets {
  rehearse(prepared: PreparedAction): Promise<Rehearsal>;
}

export function rehearsingTargets(catalogue: Catalogue, clients: RehearsalClients): RehearsingTargets {
  return {
    rehearse: async (prepared) => await rehearseOn(catalogue[prepared.action], prepared, clients),
  };
}

/**
 * Plays the roll-back of an action with a writer that notes down what it is given and sends nothing: what people are asked
 * about is made by the very code that will do it. A reading credential is enough.
 */
export async function rehearseOn(
  entry: CatalogueEntry,
  prepared: PreparedAction,
  clients: RehearsalClients,
): Promise<Rehearsal> {
  try {
    return (await rehearse(entry, prepared, clients)) ?? { kind: 'unreadable', said: notConfigured(prepared.target) };
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return { kind: 'unreadable', said: error.message };
  }
}

/** @returns undefined where the target's place is not in the configuration */
async function rehearse(
  entry: CatalogueEntry,
  prepared: PreparedAction,
  clients: RehearsalClients,
): Promise<Rehearsal | undefined> {
  const { target } = prepared;
  const requests: PlannedRequest[] = [];
  switch (entry.system) {
    case 'kubernetes': {
      if (target.system !== 'kubernetes') throw mismatch(entry, target);
      const reader = clients.kubernetes(target.cluster);
      return reader && told(await entry.action.rollBack(noting(reader, requests), { ...prepared, target }), requests);
    }
    case 'aws': {
      if (target.system !== 'aws') throw mismatch(entry, target);
      const reader = clients.aws(target.account);
      return (
        reader && told(await entry.action.rollBack(notingAws(reader, requests), { ...prepared, target }), requests)
      );
    }
    case 'vendor': {
      if (target.system !== 'vendor') throw mismatch(entry, target);
      const reader = clients.vendor(target.vendor);
      return (
        reader && told(await entry.action.rollBack(notingVendor(reader, requests), { ...prepared, target }), requests)
      );
    }
  }
}

function noting(reader: KubernetesReader, requests: PlannedRequest[]): KubernetesWriter {
  return {
    ...reader,
    send: async (request) => {
      checkGuarded(request);
      requests.push(request);
      return {};
    },
  };
}

function notingAws(reader: AwsReader, requests: PlannedRequest[]): AwsWriter {
  return {
    ...reader,
    send: async (request) => {
      callOf(request, reader.account, false);
      requests.push(request);
    },
  };
}

function notingVendor(reader: VendorReader, requests: PlannedRequest[]): VendorWriter {
  return {
    ...reader,
    send: async (request) => {
      requests.push(request);
    },
  };
}

function told(
  { outcome, reason }: { readonly outcome: 'rolled-back' | 'nothing-to-undo' | 'failed'; readonly reason: string },
  requests: readonly PlannedRequest[],
): Rehearsal {
  switch (outcome) {
    case 'rolled-back':
      return { kind: 'ready', requests, said: reason };
    case 'nothing-to-undo':
      return { kind: 'nothing', said: reason };
    case 'failed':
      return { kind: 'unreadable', said: reason };
  }
}

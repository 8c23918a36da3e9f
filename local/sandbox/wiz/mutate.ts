import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Document } from './document.ts';
import { argumentsOf, project, type Resolved } from './resolve.ts';
import type { WizRecord } from './scenario.ts';
import type { Tenant } from './validate.ts';

/** What mutations change. */
export interface WizState {
  readonly issues: WizRecord[];
  /** Graph ids whose volumes were copied. */
  readonly forensicCopies: string[];
}

const REASONS = [
  'MALICIOUS_THREAT',
  'NOT_MALICIOUS_THREAT',
  'SECURITY_TEST_THREAT',
  'PLANNED_ACTION_THREAT',
  'INCONCLUSIVE_THREAT',
  'FALSE_POSITIVE',
  'EXCEPTION',
  'WONT_FIX',
] as const;
const patchSchema = z.strictObject({
  status: z.enum(['OPEN', 'IN_PROGRESS', 'RESOLVED', 'REJECTED']).optional(),
  resolutionReason: z.enum(REASONS).optional(),
  resolutionNote: z.string().optional(),
  note: z.string().optional(),
  dueAt: z.string().optional(),
  rejectionExpiredAt: z.string().optional(),
});
const updateSchema = z.strictObject({ id: z.string(), patch: patchSchema, override: z.unknown().optional() });
const noteSchema = z.strictObject({ issueId: z.string(), text: z.string().min(1) });
const idSchema = z.strictObject({ id: z.string() });
const notesSchema = z.array(z.looseObject({ id: z.string() })).catch([]);

class WizRefusal extends Error {
  override readonly name = 'WizRefusal';
}

const at = (record: WizRecord | undefined, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? new Map(Object.entries(inner)).get(key) : undefined),
    record,
  );

/** Carries one mutation out, or refuses it as the tenant does: status 200 with an error. */
export function mutate(
  document: Document,
  variables: Readonly<Record<string, unknown>>,
  state: WizState,
  tenant: Tenant,
): Resolved {
  const [root] = document.selections.fields;
  if (root?.fields === undefined) return { message: 'the document selects nothing', code: 'BAD_USER_INPUT' };
  const { input } = argumentsOf(document, root, variables);
  try {
    return { data: { [root.name]: project(carriedOut(root.name, input), root.fields) } };
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : undefined;
    if (message === undefined && !(error instanceof WizRefusal)) throw error;
    return { message: message ?? String(error), code: 'BAD_USER_INPUT', data: { [root.name]: null } };
  }

  function carriedOut(name: string, given: unknown): WizRecord {
    switch (name) {
      case 'updateIssue':
        return { issue: update(updateSchema.parse(given)) };
      case 'createIssueNote':
        return { issueNote: addNote(noteSchema.parse(given)) };
      case 'deleteIssueNote':
        return deleteNote(idSchema.parse(given));
      default:
        return { systemActivityGroupId: copy(idSchema.parse(given)) };
    }
  }

  function update({ id, patch }: z.infer<typeof updateSchema>): WizRecord {
    const { index, issue } = issueOf(id);
    if (patch.resolutionNote !== undefined && tenant === '2023')
      throw new WizRefusal('Field "resolutionNote" is not defined by type "UpdateIssuePatch".');
    const isThreat = issue['type'] === 'THREAT_DETECTION';
    if (patch.status === 'RESOLVED' && !isThreat) throw new WizRefusal('only threat detection issues can be resolved');
    if (patch.status === 'REJECTED' && isThreat)
      throw new WizRefusal('a threat detection issue is resolved, not rejected');
    const changed = { ...issue, ...patch };
    state.issues[index] = changed;
    return changed;
  }

  function addNote({ issueId, text }: z.infer<typeof noteSchema>): WizRecord {
    const { index, issue } = issueOf(issueId);
    const note = { id: randomUUID(), text, createdAt: new Date().toISOString() };
    state.issues[index] = { ...issue, notes: [...notesSchema.parse(issue['notes']), note] };
    return note;
  }

  function deleteNote({ id }: z.infer<typeof idSchema>): WizRecord {
    const index = state.issues.findIndex((one) => notesSchema.parse(one['notes']).some((note) => note.id === id));
    const issue = state.issues[index];
    if (issue === undefined) throw new WizRefusal('id must be a valid note id');
    state.issues[index] = { ...issue, notes: notesSchema.parse(issue['notes']).filter((note) => note.id !== id) };
    return { _stub: null, deleted: true };
  }

  /** Every call makes a copy: the mutation takes no idempotency key. */
  function copy({ id }: z.infer<typeof idSchema>): string {
    const of = state.issues.find((one) => at(one, ['entitySnapshot', 'id']) === id);
    if (at(of, ['entitySnapshot', 'type']) !== 'VIRTUAL_MACHINE')
      throw new WizRefusal('the resource has no volumes to copy');
    state.forensicCopies.push(id);
    return randomUUID();
  }

  function issueOf(id: string): { readonly index: number; readonly issue: WizRecord } {
    const index = state.issues.findIndex((one) => one['id'] === id);
    const issue = state.issues[index];
    if (issue === undefined) throw new WizRefusal('id must be a valid service issue id');
    return { index, issue };
  }
}

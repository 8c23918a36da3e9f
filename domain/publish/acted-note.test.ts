import { describe, expect, it } from 'vitest';
import { sampleIncident, samplePlan, samplePlanned } from '../../test/fakes/planning.ts';
import { type AuditEntry, nextEntry } from '../audit/entry.ts';
import { actedIn } from '../playbooks/acted.ts';
import { actedNote } from './acted-note.ts';

const AT = '2026-02-01T10:05:00.000Z';

function entry(kind: AuditEntry['kind'], by: string, data: Record<string, unknown>): AuditEntry {
  return nextEntry(undefined, { chain: 'inc-1', at: AT, actor: { type: 'function', id: by }, kind, data });
}
const started = entry('action.started', 'execute', {
  actionId: 'A1',
  authority: 'playbook',
  playbook: 'quarantine-miner',
  conditions: [{ what: 'the rules find it malicious', holds: true, evidence: ['E1', 'E4'] }],
});
const verified = (result: string, by = 'verify') =>
  entry('action.verified', by, {
    actionId: 'A1',
    result,
    checks: [{ name: 'label', ok: true, detail: 'the label is there' }],
  });
const noteOf = (...chain: readonly AuditEntry[]) =>
  actedNote({ incident: sampleIncident(), plan: samplePlan([samplePlanned()]), acted: actedIn(chain) }, 'A1');

describe('what the channel is told of a playbook', () => {
  it('is what was done, why, how it was verified, and the command that undoes it', () => {
    const note = noteOf(started, verified('contained'));
    expect(note?.mark).toBe(
      'Parapet incident inc-0123456789abcdef0123: playbook quarantine-miner acted without a person (A1), and the effect was verified.',
    );
    expect(note?.blocks).toEqual([
      {
        type: 'paragraph',
        text: expect.stringMatching(/^Quarantine pod: Pod payments\/checkout.* Nobody was asked\.$/),
      },
      {
        type: 'facts',
        rows: [
          { label: 'Playbook', value: 'quarantine-miner: Cut off one replica that mines' },
          { label: 'Verified', value: 'contained: the label is there' },
        ],
      },
      { type: 'bullets', items: ['the rules find it malicious [E1] [E4]'] },
      { type: 'paragraph', text: 'To undo it:' },
      { type: 'code', text: 'npx parapet rollback inc-0123456789abcdef0123 A1' },
    ]);
  });

  it.each(['failed', 'unknown'])('says that it is being put back where the look ended %s', (result) => {
    expect(noteOf(started, verified(result))?.mark).toContain('could not be verified: it is being put back');
  });

  it('is of the look right after it, not of a later one', () => {
    expect(noteOf(started, verified('contained'), verified('failed', 'watch'))?.mark).toContain('was verified');
  });

  it('is nothing for what people approved', () => {
    const { data } = started;
    const approved = entry('action.started', 'execute', { ...data, authority: undefined, approvalId: 'apr-1' });
    expect(noteOf(approved, verified('contained'))).toBeUndefined();
  });
});

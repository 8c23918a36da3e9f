import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import { normalize } from './map.ts';
import { POLLED_LISTS, writePolled } from './polled.ts';
import { canonicalTime } from './time.ts';

const FIXTURES = new URL('../../../test/fixtures/prisma-cloud-compute/', import.meta.url);
const SCENARIO = new URL('../../../local/sandbox/scenarios/crypto-miner/compute/', import.meta.url);
const json = (url: URL): unknown => JSON.parse(readFileSync(url, 'utf8'));
const delivery = (text: string) => ({
  sha256: sha256Hex(text),
  bytes: Buffer.byteLength(text),
  receivedAt: '2025-10-14T09:30:00.000Z',
});
const polled = (text: string) => normalize(text, { ...delivery(text), channel: 'poll' });
function pushed(file: string) {
  const text = readFileSync(new URL(`push/${file}`, FIXTURES), 'utf8');
  return normalize(text, { ...delivery(text), channel: 'webhook' });
}
function only(reading: ReturnType<typeof normalize>) {
  if (!reading.ok) throw new Error(reading.reason);
  expect(reading.findings).toHaveLength(1);
  const [finding] = reading.findings;
  if (finding === undefined) throw new Error('no finding');
  return finding;
}
function recordIn(file: string, id: string): unknown {
  const records = json(new URL(file, SCENARIO));
  if (!Array.isArray(records)) throw new Error('no list');
  return records.find((record: { _id?: unknown }) => record._id === id);
}

describe('a polled record', () => {
  it('is the same finding as the webhook of the same incident', () => {
    const record = recordIn('incidents.json', '68ee2c16b2a8e98a1c36a9db');
    const one = only(polled(writePolled('incident', record)));
    const other = only(pushed('incident-cryptominer.template-v1.json'));
    expect(one.deduplicationKey).toBe(other.deduplicationKey);
    expect(one.workload).toEqual(other.workload);
    expect(one.readBack).toMatchObject({ record: 'incident', incidentId: '68ee2c16b2a8e98a1c36a9db' });
  });

  it('is the same finding as the webhook of the same audit, which has no id and another spelling of the time', () => {
    const record = recordIn('container-audits.json', '68ee2bd4b2a8e98a1c36a9aa');
    const one = only(polled(writePolled('container-audit', record)));
    const other = only(pushed('container-cryptominer.default-template.json'));
    expect(one.deduplicationKey).toBe(other.deduplicationKey);
    expect(one.finding.finding_info.uid).toBe(other.finding.finding_info.uid);
  });

  it.each([
    ['incident', 'incident-cryptominer.json'],
    ['container-audit', 'audit-container-process.json'],
    ['container-audit', 'audit-container-filesystem-block.json'],
    ['host-audit', 'audit-host-dns.json'],
  ] as const)('of list %s is understood: %s', (record, file) => {
    const records = json(new URL(`api/${file}`, FIXTURES));
    for (const one of Array.isArray(records) ? records : [records]) {
      const reading = polled(writePolled(record, one));
      expect(reading).toMatchObject({ ok: true });
    }
  });

  it('is taken on its own channel only, and the webhook form is not taken there', () => {
    const body = writePolled('incident', recordIn('incidents.json', '68ee2c16b2a8e98a1c36a9db'));
    expect(normalize(body, { ...delivery(body), channel: 'webhook' })).toMatchObject({ ok: false });
    const text = readFileSync(new URL('push/incident-cryptominer.template-v1.json', FIXTURES), 'utf8');
    expect(polled(text)).toEqual({ ok: false, reason: 'the body is no record that was polled from the console' });
  });

  it('gives findings or a reason, whatever is in it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...POLLED_LISTS), fc.anything({ withNullPrototype: true }), ({ record }, data) => {
        const text = writePolled(record, data);
        const reading = polled(text);
        if (!reading.ok) expect(reading.reason).not.toBe('');
      }),
    );
  });
});

describe('the spelling of a time', () => {
  it.each([
    ['2025-10-14T09:16:04.128Z', 'Oct 14, 2025 09:16:04 UTC'],
    ['Oct 14, 2025 09:16:04 UTC', 'Oct 14, 2025 09:16:04 UTC'],
    ['October 04, 2025 9:16:04 GMT', 'Oct 4, 2025 09:16:04 UTC'],
    ['2025-10-14T11:16:04+02:00', 'Oct 14, 2025 09:16:04 UTC'],
    ['Oct 14, 2025 UTC', 'Oct 14, 2025 UTC'],
    ['soon', 'soon'],
    ['', ''],
  ])('%s is %s', (text, canonical) => expect(canonicalTime(text)).toBe(canonical));
});

import { describe, expect, it } from 'vitest';
import { CONNECTION, droppedBy, MINER, POD, said } from '../../../../test/stories/verified.ts';

const connected = (text: string) => said(text, { evidence: [CONNECTION] });

describe('V8: particulars stand in the cited evidence', () => {
  it.each([
    ['address', 'It connected to 198.51.100.9.'],
    ['address of the sixth version', 'It connected to 2001:db8::7.'],
    ['part of a port', 'It connected to port 33.'],
    ['path', 'It read /etc/shadow.'],
    ['path with letters of another alphabet', 'It read /srv/tr\u00e9sor/schl\u00fcssel.'],
    ['path of Windows', 'It read C:\\Users\\public\\a.'],
    ['host name', 'It connected to evil.example.'],
    ['host name with accents', 'It connected to \u00e9vil.example.'],
    ['mail address', 'It wrote to root@evil.example.'],
    ['time', 'It connected at 11:11:11.'],
    ['date', 'It connected on 2025-01-01.'],
    ['hash', 'Its hash is deadbeefdeadbeef.'],
    ['hash without digits', 'Its hash is deadbeefcafebabe.'],
    ['version', 'It runs version 9.9.9.'],
    ['number in digits of another script', 'It connected \u0663\u0663\u0663 times.'],
    ['number in a circle', 'It connected \u2468 times.'],
    ['thing of another namespace', 'It reached kube-system/coredns.'],
    ['flag', 'It ran with --no-preserve-root.'],
  ])('drops a sentence with an invented %s', (_name, text) => {
    expect(droppedBy(connected(text))).toBe('V8');
  });

  it('drops what only other evidence holds', () => {
    expect(droppedBy(said('It connected to 203.0.113.50.', { evidence: [POD] }))).toBe('V8');
  });

  it.each([
    connected('It connected to 203.0.113.50 port 3333.'),
    said('Process 4711 is /tmp/.x/xmrig.', { evidence: [MINER] }),
    said('It read and/or wrote base64 over HTTP/2.', { evidence: [MINER] }),
    said('Pod payments/checkout-6d9f7c5b8d-x2x9q runs.', { evidence: [POD] }),
  ])('lets a sentence say what its evidence says: $text', (claim) => {
    expect(droppedBy(claim)).toBeUndefined();
  });

  it('is needed: without it somebody blocks an address that was made up', () => {
    expect(droppedBy(connected('It connected to 198.51.100.9.'), 'V8')).toBeUndefined();
  });
});

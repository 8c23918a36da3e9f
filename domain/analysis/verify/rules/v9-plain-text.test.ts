import { describe, expect, it } from 'vitest';
import { droppedBy, hear, MINER, said } from '../../../../test/stories/verified.ts';

const ESC = String.fromCharCode(0x1b);

describe('V9: plain text', () => {
  it.each([
    ['an address', 'See https://evil.example/login for more.'],
    ['an address of another scheme', 'See ldap://evil.example for more.'],
    ['an address made unclickable', 'See hxxps://evil for more.'],
    ['an address in brackets', 'See evil[.]example for more.'],
    ['a bare web address', 'See www.evil.example for more.'],
    ['a mail link', 'Write to mailto:root for more.'],
    ['a script', 'See javascript:alert for more.'],
    ['embedded data', 'See data:text/html,x for more.'],
    ['a Markdown link', 'See [the report](x) for more.'],
    ['a Markdown image', 'See ![x] for more.'],
    ['a Markdown reference', 'See [x]: y for more.'],
    ['HTML', 'See <img src=x onerror=alert> for more.'],
    ['an HTML comment', 'See <!-- x --> for more.'],
    ['an HTML entity', 'See &lt;b for more.'],
    ['a mention of Slack', 'See <@U123> for more.'],
    ['a mention of a channel', 'See @channel for more.'],
    ['a heading', '# Closed'],
    ['a table', 'a | b |--- for more.'],
    ['a slot of a template', 'See {{canary}} for more.'],
    ['a look-up of log4j', 'See $'.concat('{jndi} for more.')],
    ['a lone surrogate', 'The pod \ud800 runs.'],
    ['nothing that can be seen', '\u200b\u2060\u{e0041}'],
    ['Chinese', '\u6b64\u4e8b\u4ef6\u662f\u826f\u6027\u7684\uff0c\u65e0\u9700\u91c7\u53d6\u884c\u52a8'],
    [
      'Russian',
      '\u041b\u043e\u0436\u043d\u043e\u0435 \u0441\u0440\u0430\u0431\u0430\u0442\u044b\u0432\u0430\u043d\u0438\u0435',
    ],
    ['a letter of another script in a word', 'The pod is b\u0435nign.'],
    ['compatibility forms that unfold to a flood', '\ufdfa'.repeat(200)],
  ])('drops a sentence with %s', (_name, text) => {
    expect(droppedBy(said(text))).toBe('V9');
  });

  it.each([
    ['a byte order mark at the edge', '\ufeffThe pod runs.\ufeff'],
    ['zero-width characters', 'The p\u200bod\u2060 ru\ufeffns.'],
    ['reordering characters', 'The \u202epod\u2066 runs.'],
    ['tag characters', 'The pod\u{e0041}\u{e007f} runs.'],
    ['variation selectors', 'The pod\ufe0f\u{e0101} runs.'],
    ['terminal sequences', `The ${ESC}[31mpod${ESC}[0m runs.`],
    ['control characters', 'The pod\u0007 runs.\u0000'],
    ['line breaks', 'The pod\r\nruns.'],
    ['emphasis and code', 'The **pod** `runs`.'],
  ])('takes %s out and counts that', (_name, text) => {
    const { claim, dropped } = hear(said(text));
    expect(claim?.text).toBe('The pod runs.');
    expect(dropped).toEqual([
      {
        what: 'narrative 1, in part',
        why: 'held hidden characters, marks, surplus white space or a secret',
        rule: 'V9',
      },
    ]);
  });

  it('redacts a secret that a model repeats', () => {
    expect(hear(said('The miner has password=hunterhunter.', { evidence: [MINER] })).claim?.text).toBe(
      'The miner has password=[secret]',
    );
  });

  it('is needed: without it a link reaches a reader', () => {
    expect(hear(said('See [the report](x) for more.'), 'V9').claim?.text).toBe('See [the report](x) for more.');
  });
});

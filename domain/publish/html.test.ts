import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, html } from './html.ts';

describe('html', () => {
  it('escapes what is put in and keeps what is written', () => {
    const name = `<b>"O'Hara" & Co</b>`;
    expect(html`<a title="${name}">${name}</a>`.markup).toBe(
      '<a title="&lt;b&gt;&quot;O&#39;Hara&quot; &amp; Co&lt;/b&gt;">&lt;b&gt;&quot;O&#39;Hara&quot; &amp; Co&lt;/b&gt;</a>',
    );
  });

  it('nests markup and lists of markup without escaping them twice', () => {
    const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}</ul>${html`<hr>`}${7}${''}`.markup).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul><hr>7');
  });

  it('lets no text open a tag or leave an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
        const { markup } = html`<p class="${text}">${text}</p>`;
        expect(markup.match(/[<>"]/g)).toEqual(['<', '"', '"', '>', '<', '>']);
      }),
    );
  });
});

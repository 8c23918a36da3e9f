import { describe, expect, it } from 'vitest';
import {
  approverConfiguration,
  storyAction,
  storyApproval,
  storyIncident,
  storyPack,
} from '../../test/stories/asked-action.ts';
import { approvalMail } from './mail.ts';

const LINK = 'https://people.example.com/approvals/apr-0123?t=abc.def.ghi';
const [person] = approverConfiguration().approvers;
function mail(change: Partial<Parameters<typeof approvalMail>[0]> = {}) {
  if (person === undefined) throw new Error('the story has approvers');
  return approvalMail({
    occasion: 'asked',
    incident: storyIncident(),
    action: storyAction(),
    approval: storyApproval(),
    person,
    link: LINK,
    pack: storyPack(),
    now: new Date('2025-10-14T09:20:00.000Z'),
    ...change,
  });
}

/** What an attacker could have put into telemetry, and from there into the words of an action. */
const hostile = () => {
  const action = storyAction();
  const words =
    'see http://evil.example/x?a=1 at 203.0.113.7 or pool.example.net <img src="https://evil.example/p.gif"> <script>x</script>';
  return storyAction({
    rationale: words,
    preview: { ...action.preview, title: words, summary: words, warnings: [words], undo: words },
  });
};

describe('the mail of a question', () => {
  it('holds one live address, its own link, in both forms - a scanner or a reader can follow nothing else', () => {
    const { html, text } = mail({ action: hostile() });
    expect([...html.matchAll(/href="([^"]*)"/g)].map(([, address]) => address)).toEqual([LINK]);
    const addresses = (words: string) => words.match(/\bhttps?:\/\/[^\s"<]+/g);
    expect(addresses(text)).toEqual([LINK]);
    expect(addresses(html)).toEqual([LINK]);
  });

  it('loads nothing: no picture, style sheet, font, frame or script, and no tag of somebody else', () => {
    const { html } = mail({ action: hostile() });
    expect(html).not.toMatch(/<(img|script|link|iframe|object|embed|video|audio|svg|form|input|base)\b/i);
    expect(html).not.toMatch(/<[^>]*\s(src|srcset|background|poster|action)\s*=/i);
    expect(html).not.toMatch(/url\(|@import|expression\(|javascript:/i);
  });

  it('shows indicators so that no mail program turns them into links, in the subject too', () => {
    const { html, text, subject } = mail({ action: hostile() });
    for (const words of [html, text]) {
      expect(words).toContain('hxxp://evil[.]example/x');
      expect(words).toContain('203[.]0[.]113[.]7');
      expect(words).not.toContain('203.0.113.7');
    }
    expect(subject).toContain('hxxp://evil[.]example');
    expect(subject.length).toBeLessThanOrEqual(150);
  });

  it('shows what would be invisible or turn the reading direction - no text may look like another', () => {
    const { preview } = storyAction();
    const turned = 'delete \u202eexe.tset\u2066 now\u200b';
    const { html, text, subject } = mail({
      action: storyAction({ preview: { ...preview, title: turned, summary: turned } }),
    });
    for (const words of [html, text, subject]) {
      expect(words).toContain('delete \\u{202e}exe.tset\\u{2066} now\\u{200b}');
      expect(words).not.toMatch(/[\u202e\u2066\u200b]/);
    }
  });

  it('says the same in both forms, and that opening decides nothing', () => {
    const { html, text } = mail();
    for (const part of [
      'Dana Example',
      'Quarantine pod payments/',
      'Until 2025-10-14 09:50:00 UTC',
      'decides nothing',
    ]) {
      expect(html).toContain(part);
      expect(text).toContain(part);
    }
  });

  it('asks the mail service to leave its link alone - a tracking host would see whom it lets decide', () => {
    expect(mail().html).toContain(`<a ses:no-track href="${LINK}"`);
  });
});

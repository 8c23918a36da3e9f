import { describe, expect, it } from 'vitest';
import { linkFor, readPage, titleOf } from './approver.ts';

const mail = (text: string) => ({
  to: ['ada@example.com'],
  from: 'parapet@example.com',
  subject: 'x',
  text,
  html: '',
  sentAt: '2025-10-14T09:17:10Z',
});

describe('linkFor', () => {
  it('takes the link of the asked approval and no other, because each approval has its own mail', () => {
    const other = mail('Review:\nhttp://a.localhost:1/approvals/apr-2?t=y.y.y\n\nFooter');
    const ours = mail('Review:\nhttp://a.localhost:1/approvals/apr-1?t=x.x.x\n\nFooter');
    expect(linkFor([other, ours], { approvalId: 'apr-1' })).toBe('http://a.localhost:1/approvals/apr-1?t=x.x.x');
  });

  it('gives nothing while the mail has not arrived, so that the caller goes on waiting', () => {
    expect(linkFor([mail('no link here')], { approvalId: 'apr-1' })).toBeUndefined();
  });
});

describe('readPage', () => {
  const html =
    '<h1>Isolate &amp; keep</h1><form method="post" action="apr-1"><input type="hidden" name="t" value="a&amp;b"/>' +
    '<input type="hidden" name="csrf" value="c"><textarea name="comment"></textarea>' +
    '<button type="submit" name="decision" value="approved">Yes</button><button name="decision" value="rejected">No</button></form>';

  it('reads the form as a browser would: entities decoded, action relative to the page', () => {
    expect(readPage('http://a.localhost:1/approvals/apr-1?t=x', html)).toEqual({
      address: 'http://a.localhost:1/approvals/apr-1?t=x',
      html,
      action: 'http://a.localhost:1/approvals/apr-1',
      fields: { t: 'a&b', csrf: 'c' },
      decisions: ['approved', 'rejected'],
    });
    expect(titleOf(html)).toBe('Isolate & keep');
  });

  it('finds no form on a page that only says why nothing can be decided', () => {
    expect(readPage('http://a.localhost:1/approvals/apr-1', '<h1>Already approved</h1>')).toBeUndefined();
  });

  it('does not take a form that would be sent with GET, because a GET never decides', () => {
    expect(readPage('http://a.localhost:1/x', '<form action="y"><input name="q"></form>')).toBeUndefined();
  });
});

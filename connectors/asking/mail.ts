import type { PlannedAction } from '../../domain/actions/action.ts';
import { targetLabel } from '../../domain/actions/target.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { purposeOf, wayBackHeading } from '../../domain/approval/over.ts';
import type { ApproverConfiguration } from '../../domain/config/schema.ts';
import type { EvidencePack } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { defang } from '../../domain/publish/defang.ts';
import { type Html, html } from '../../domain/publish/html.ts';
import { readableDuration, readableTime, shorten } from '../../domain/publish/text.ts';
import { visible } from '../../domain/publish/visible.ts';
import { domainsOf } from '../../domain/publish/words.ts';
import { workloadLabel } from '../../domain/workload.ts';
import type { Mail } from '../mail/mail.ts';

/** Why somebody is mailed: first, again, or because those who were asked before have not decided. */
export type MailOccasion = 'asked' | 'reminded' | 'escalated';

export interface ApprovalMailInput {
  readonly occasion: MailOccasion;
  readonly incident: Incident;
  readonly action: PlannedAction;
  readonly approval: Approval;
  readonly person: ApproverConfiguration;
  /** In whose place they decide, where the right was delegated. */
  readonly onBehalfOf?: ApproverConfiguration | undefined;
  readonly link: string;
  readonly pack: EvidencePack | undefined;
  readonly now: Date;
}

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

/**
 * The mail an approver gets: what, on what, why, how it is undone, until when. The link opens a page and decides nothing.
 * One model, rendered as text and as HTML; every word that is not ours is defanged and escaped.
 */
export function approvalMail(input: ApprovalMailInput): Mail {
  const { incident, action, person, approval, link, now } = input;
  const domains = domainsOf(input.pack);
  const safe = (text: string): string => defang(visible(text), domains);
  const seconds = (Date.parse(approval.expiresAt) - now.getTime()) / 1000;
  const intro = `${person.name}, ${OCCASIONS[input.occasion].why} ${purposeOf(approval) === 'undo' ? 'undoing one action that was executed' : 'one action'} for a ${incident.severity} incident on ${safe(workloadLabel(incident.workload))}.${input.onBehalfOf === undefined ? '' : ` You may decide in place of ${input.onBehalfOf.name}, who delegated it to you.`}`;
  const deadline = `Until ${readableTime(approval.expiresAt)} (in ${readableDuration(seconds)}). Without a decision nothing is done.`;
  const sections: Section[] = [
    { title: 'What will be done', lines: [safe(action.preview.title), safe(action.preview.summary)] },
    { title: 'Target', lines: [safe(targetLabel(action.prepared.target))] },
    { title: 'Why', lines: [safe(`${action.rationale} ${action.evidence.map((id) => `[${id}]`).join(' ')}`.trim())] },
    ...(action.preview.warnings.length > 0 ? [{ title: 'Mind', lines: action.preview.warnings.map(safe) }] : []),
    { title: wayBackHeading(approval), lines: safe(action.preview.undo).split('\n') },
    { title: 'Decide', lines: [deadline, ...quorumLines(approval)] },
  ];
  return {
    to: person.mail,
    subject: shorten(`[Parapet] ${OCCASIONS[input.occasion].subject}: ${safe(action.preview.title)}`, 150),
    text: textOf({ intro, sections, link }),
    html: htmlOf({ intro, sections, link }).markup,
    threadId: incident.incidentId,
  };
}

const OCCASIONS: Readonly<Record<MailOccasion, { readonly subject: string; readonly why: string }>> = {
  asked: { subject: 'Decision needed', why: 'Parapet asks you to decide about' },
  reminded: { subject: 'Reminder: decision needed', why: 'nobody has decided yet, so Parapet asks you again about' },
  escalated: {
    subject: 'Escalated: decision needed',
    why: 'those who were asked first have not decided, so Parapet asks you to decide about',
  },
};

function quorumLines({ quorum, votes }: Approval): readonly string[] {
  return quorum === 1
    ? []
    : [`${quorum} different people must approve; ${votes.length} did so far. One rejection ends it.`];
}

const FOOTER =
  'Opening the link shows the exact requests and decides nothing. The link is yours alone: whoever has it can decide in your name, so do not forward this mail.';

function textOf(mail: {
  readonly intro: string;
  readonly sections: readonly Section[];
  readonly link: string;
}): string {
  const body = mail.sections.map(({ title, lines }) => `${title}\n${lines.map((line) => `  ${line}`).join('\n')}`);
  return [mail.intro, ...body, `Review and decide:\n${mail.link}`, FOOTER].join('\n\n');
}

function htmlOf(mail: { readonly intro: string; readonly sections: readonly Section[]; readonly link: string }): Html {
  const sections = mail.sections.map(
    ({ title, lines }) => html`<tr><td style="padding:12px 24px 0">
<div style="font-size:13px;color:#57606a;font-weight:600">${title}</div>
${lines.map((line) => html`<div style="font-size:15px;line-height:1.5">${line}</div>`)}
</td></tr>
`,
  );
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Decision needed</title></head>
<body style="margin:0;padding:16px;background:#f6f8fa;color:#1f2328;font-family:Arial,Helvetica,sans-serif">
<table role="presentation" width="100%" cellspacing="0" cellpadding="0" style="max-width:600px;margin:0 auto;background:#ffffff;border:1px solid #d0d7de;border-radius:8px">
<tr><td style="padding:24px 24px 0;font-size:16px;line-height:1.5">${mail.intro}</td></tr>
${sections}<tr><td style="padding:24px"><a ses:no-track href="${mail.link}" style="display:inline-block;padding:12px 20px;background:#0b5cad;color:#ffffff;text-decoration:none;border-radius:6px;font-weight:600">Review and decide</a></td></tr>
<tr><td style="padding:0 24px 24px;font-size:13px;line-height:1.5;color:#57606a">${FOOTER}</td></tr>
</table></body></html>
`;
}

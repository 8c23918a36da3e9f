import type { PlannedAction } from '../../domain/actions/action.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import type { Eligible } from '../../domain/approval/eligible.ts';
import type { ApprovalLinks } from '../../domain/approval/link.ts';
import type { EvidencePack } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { type Mail, type Mailer, MailRefusedError, MailUnavailableError } from '../mail/mail.ts';
import type { Telemetry } from '../runtime/telemetry.ts';
import { approvalMail, type MailOccasion } from './mail.ts';

export interface MailPeopleDeps {
  readonly links: Pick<ApprovalLinks, 'sign'>;
  readonly mailer: Mailer;
  /** Where approvers reach `decide`, e.g. `https://abc.execute-api.eu-central-1.amazonaws.com`. */
  readonly peopleEdgeUrl: string;
  readonly telemetry: Telemetry;
  readonly now: () => Date;
}

/** Approver ids. `refused`: that address will not do at another attempt either; `unavailable`: it may. */
export interface Mailed {
  readonly mailed: readonly string[];
  readonly refused: readonly string[];
  readonly unavailable: readonly string[];
}

/** Mails each of them a link of their own; one dead address must not silence the others. */
export async function mailPeople(
  deps: MailPeopleDeps,
  of: {
    readonly occasion: MailOccasion;
    readonly incident: Incident;
    readonly action: PlannedAction;
    readonly approval: Approval;
    readonly people: readonly Eligible[];
    readonly pack: EvidencePack | undefined;
  },
): Promise<Mailed> {
  const results = await Promise.all(
    of.people.map(async ({ person, onBehalfOf }) => {
      const link = await linkFor(deps, of.approval, person.id);
      const mail = approvalMail({ ...of, person, onBehalfOf, link, now: deps.now() });
      return { id: person.id, became: await send(deps, person.id, mail) };
    }),
  );
  const those = (wanted: keyof Mailed) => results.filter(({ became }) => became === wanted).map(({ id }) => id);
  return { mailed: those('mailed'), refused: those('refused'), unavailable: those('unavailable') };
}

async function linkFor(deps: MailPeopleDeps, approval: Approval, person: string): Promise<string> {
  const token = await deps.links.sign({
    sub: approval.approvalId,
    per: person,
    plan: approval.planDigest,
    inc: approval.incidentId,
    exp: Math.floor(Date.parse(approval.expiresAt) / 1000),
  });
  return `${deps.peopleEdgeUrl.replace(/\/+$/, '')}/approvals/${approval.approvalId}?t=${token}`;
}

async function send(deps: MailPeopleDeps, approver: string, mail: Mail): Promise<keyof Mailed> {
  try {
    const { messageId } = await deps.mailer.send(mail);
    deps.telemetry.info('approver mailed', { approver, messageId });
    return 'mailed';
  } catch (error) {
    if (!(error instanceof MailRefusedError || error instanceof MailUnavailableError)) throw error;
    deps.telemetry.error('approver could not be mailed', { approver }, error);
    deps.telemetry.count('ApprovalMailFailed');
    return error instanceof MailRefusedError ? 'refused' : 'unavailable';
  }
}

import * as z from 'zod';
import { APPROVAL_ID } from '../../../domain/approval/id.ts';

/** What a button says; both are names of ours in the message. */
export const BUTTONS = { approved: 'parapet_approve', rejected: 'parapet_reject' } as const;
export type ButtonDecision = keyof typeof BUTTONS;

/** Approval id and plan digest: the click names what the message showed, so that it cannot mean a later plan. */
export function buttonValue(approvalId: string, planDigest: string): string {
  return `${approvalId}.${planDigest}`;
}

export interface Click {
  readonly appId: string;
  /** undefined: installed for a whole organisation, and no single workspace is meant. */
  readonly teamId: string | undefined;
  readonly userId: string;
  readonly decision: ButtonDecision;
  readonly approvalId: string;
  readonly planDigest: string;
  readonly responseUrl: string | undefined;
}

export type Interaction =
  | { readonly kind: 'click'; readonly click: Click }
  /** Slack’s, but about no button of ours. */
  | { readonly kind: 'other' }
  | { readonly kind: 'unreadable' };

/** `block_actions` as far as it is relied on. Its `token` is Slack’s old way of proving itself and is not looked at. */
const payloadSchema = z.lazy(() =>
  z.object({
    type: z.literal('block_actions'),
    api_app_id: z.string().min(1),
    team: z.object({ id: z.string().min(1) }).nullish(),
    user: z.object({ id: z.string().min(1) }),
    actions: z.array(z.object({ action_id: z.string(), value: z.string().optional() })).min(1),
    response_url: z.string().optional(),
  }),
);
const typeSchema = z.object({ type: z.string() });

const DECISIONS: Readonly<Record<string, ButtonDecision>> = {
  [BUTTONS.approved]: 'approved',
  [BUTTONS.rejected]: 'rejected',
};

/** Reads the form `payload=…` of an interaction whose signature was checked. */
export function readInteraction(body: Uint8Array): Interaction {
  const payloads = new URLSearchParams(Buffer.from(body).toString('utf8')).getAll('payload');
  if (payloads.length !== 1) return { kind: 'unreadable' };
  const value = parsed(payloads[0] ?? '');
  const typed = typeSchema.safeParse(value);
  if (!typed.success) return { kind: 'unreadable' };
  if (typed.data.type !== 'block_actions') return { kind: 'other' };
  const payload = payloadSchema.safeParse(value);
  return payload.success ? interactionOf(payload.data) : { kind: 'unreadable' };
}

function interactionOf(payload: z.infer<typeof payloadSchema>): Interaction {
  const pressed = payload.actions.filter(({ action_id }) => DECISIONS[action_id] !== undefined);
  const decision = DECISIONS[pressed[0]?.action_id ?? ''];
  if (decision === undefined) return { kind: 'other' };
  const [approvalId = '', planDigest = '', ...rest] = pressed[0]?.value?.split('.') ?? [];
  const named = APPROVAL_ID.test(approvalId) && /^[0-9a-f]{64}$/.test(planDigest) && rest.length === 0;
  // One click is one button; two in one message would leave open which was meant.
  if (!named || pressed.length !== 1) return { kind: 'unreadable' };
  return {
    kind: 'click',
    click: {
      appId: payload.api_app_id,
      teamId: payload.team?.id,
      userId: payload.user.id,
      decision,
      approvalId,
      planDigest,
      responseUrl: payload.response_url,
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON has no type either; the parser's message would quote what a person wrote.
    return undefined;
  }
}

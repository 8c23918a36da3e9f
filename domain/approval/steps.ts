import type { ApprovalStep } from './approval.ts';
import type { ApprovalPolicy } from './policy.ts';

/** Below this a reminder would come on the heels of the question. */
const SHORTEST_REMINDED_SECONDS = 15 * 60;

/** What happens by itself while nobody decides, in order of time: whom to ask next, and when to ask again. */
export function stepsOf(
  policy: Pick<ApprovalPolicy, 'remindBeforeExpirySeconds' | 'escalateAfterSeconds'>,
  question: { readonly createdAt: string; readonly expiresAt: string; readonly later: readonly string[] },
): readonly ApprovalStep[] {
  const [asked, ends] = [Date.parse(question.createdAt), Date.parse(question.expiresAt)];
  const { escalateAfterSeconds } = policy;
  const steps: ApprovalStep[] = [
    ...remindersOf(policy, (ends - asked) / 1000).map((seconds) => ({
      kind: 'remind' as const,
      at: isoOf(ends - seconds * 1000),
    })),
    ...(escalateAfterSeconds === undefined ? [] : question.later).map((group, index) => ({
      kind: 'escalate' as const,
      at: isoOf(asked + (escalateAfterSeconds ?? 0) * 1000 * (index + 1)),
      group,
    })),
  ];
  return steps
    .filter(({ at }) => Date.parse(at) > asked && Date.parse(at) < ends)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function remindersOf(
  { remindBeforeExpirySeconds }: Pick<ApprovalPolicy, 'remindBeforeExpirySeconds'>,
  lifetimeSeconds: number,
): readonly number[] {
  if (remindBeforeExpirySeconds !== undefined) return [...new Set(remindBeforeExpirySeconds)];
  return lifetimeSeconds < SHORTEST_REMINDED_SECONDS ? [] : [Math.floor(lifetimeSeconds / 3)];
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

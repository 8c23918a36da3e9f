import type { PreparedAction } from '../../domain/actions/action.ts';
import { type Eligible, idOf } from '../../domain/approval/eligible.ts';
import type { LiveRights } from '../rights/port.ts';

/** Who may be offered a decision now, and who was kept out by what their own system says. */
export interface Offered {
  readonly allowed: readonly Eligible[];
  readonly keptOut: readonly { readonly person: string; readonly reason: string }[];
}

export async function offered(
  rights: LiveRights,
  people: readonly Eligible[],
  prepared: PreparedAction,
): Promise<Offered> {
  const answers = await Promise.all(people.map(async (one) => ({ one, answer: await rights.check(one, prepared) })));
  return {
    allowed: answers.flatMap(({ one, answer }) => (answer.right === 'no' ? [] : [one])),
    keptOut: answers.flatMap(({ one, answer }) =>
      answer.right === 'no' ? [{ person: idOf(one), reason: answer.reason }] : [],
    ),
  };
}

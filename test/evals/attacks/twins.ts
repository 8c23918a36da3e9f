import { type Built, buildRewritten } from '../golden/build.ts';
import type { GoldenCase } from '../golden/case.ts';
import { GOLDEN } from '../golden/golden.ts';
import { FAMILIES, type Family } from './families.ts';
import { FIELDS, type Field } from './fields.ts';

export interface Twin {
  readonly id: string;
  readonly golden: GoldenCase;
  readonly family: Family;
  readonly field: Field;
}

const NEUTRAL = 'nightly';

/** Every family in every field, twice, each time in another golden incident, until every incident had its turn. */
export function twins(): readonly Twin[] {
  let turn = 0;
  return [0, 1].flatMap(() =>
    FAMILIES.flatMap((family) =>
      FIELDS.flatMap((field): Twin[] => {
        const golden = GOLDEN[turn++ % GOLDEN.length];
        return golden === undefined ? [] : [{ id: `${golden.id}/${family.name}/${field.name}`, golden, family, field }];
      }),
    ),
  );
}

export async function buildTwin({
  golden,
  family,
  field,
}: Twin): Promise<{ readonly clean: Built; readonly attacked: Built }> {
  // A family that is split needs a second field: the arguments of a process, or the text of the alert.
  const other = FIELDS.find(
    ({ name }) => name === (field.name === 'process-arguments' ? 'alert-message' : 'process-arguments'),
  );
  const write = async (texts: readonly string[]): Promise<Built> =>
    await buildRewritten(golden, (parts, clock) => {
      const [first = NEUTRAL, second] = texts;
      const once = field.write(parts, first, clock);
      return second === undefined || other === undefined ? once : other.write(once, second, clock);
    });
  return { clean: await write(family.parts.map(() => NEUTRAL)), attacked: await write(family.parts) };
}

import { FAMILIES } from '../attacks/families.ts';
import { FIELDS } from '../attacks/fields.ts';
import { buildTwin, type Twin, twins } from '../attacks/twins.ts';
import { type Built, build } from '../golden/build.ts';
import { GOLDEN } from '../golden/golden.ts';

/** What a model is asked about. `clean`: of an attacked twin, the one that was not attacked; nobody is asked about it. */
export interface Subject {
  readonly id: string;
  readonly built: Built;
  readonly clean?: Built;
}

/** @param ids only these; absent: all whose id holds `text` */
export async function goldenSubjects(text: string): Promise<readonly Subject[]> {
  const wanted = GOLDEN.filter(({ id }) => id.includes(text));
  return await Promise.all(wanted.map(async (golden) => ({ id: golden.id, built: await build(golden) })));
}

/** The first twins in an order in which family and field both change from one to the next, so that few show many. */
export async function twinSubjects(count: number, text: string): Promise<readonly Subject[]> {
  return await Promise.all(
    spread(twins())
      .filter(({ id }) => id.includes(text))
      .slice(0, count)
      .map(twinSubject),
  );
}

/** Golden incidents and twins by their ids; what no longer exists is left out. */
export async function subjectsNamed(ids: ReadonlySet<string>): Promise<ReadonlyMap<string, Subject>> {
  const golden = GOLDEN.filter(({ id }) => ids.has(id)).map(async (one) => ({ id: one.id, built: await build(one) }));
  const attacked = twins()
    .filter(({ id }) => ids.has(id))
    .map(twinSubject);
  const all: readonly Subject[] = await Promise.all([...golden, ...attacked]);
  return new Map(all.map((one) => [one.id, one]));
}

async function twinSubject(twin: Twin): Promise<Subject> {
  const { clean, attacked } = await buildTwin(twin);
  return { id: twin.id, built: attacked, clean };
}

/** Both numbers have no common factor, so that counting both on at once meets every pair. */
function spread(all: readonly Twin[]): readonly Twin[] {
  const pairs = FAMILIES.length * FIELDS.length;
  return all.flatMap((_, index) => {
    const place = (index % FAMILIES.length) * FIELDS.length + (index % FIELDS.length);
    return all[Math.floor(index / pairs) * pairs + place] ?? [];
  });
}

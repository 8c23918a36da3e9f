import type * as z from 'zod';
import { NotFoundError } from '../../connectors/store/ports.ts';
import { type Plan, planSchema } from '../../domain/actions/action.ts';
import { type Analysis, analysisSchema } from '../../domain/analysis/analysis.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { aboutWords } from '../../domain/approval/over.ts';
import type { Turn } from '../../domain/ask/exchange.ts';
import { type EvidencePack, evidencePackSchema } from '../../domain/evidence/pack.ts';
import type { Incident, Publication } from '../../domain/incident/incident.ts';
import { incidentDocument, incidentTitle } from '../../domain/publish/incident-document.ts';
import { type Undone, undosIn } from '../../domain/undo/undo.ts';
import type { Watch } from '../../domain/watch/watch.ts';
import { genuine } from '../chain.ts';
import type { Connection } from '../context.ts';
import { type PlaceOptions, type Register, withPlace } from '../host.ts';
import { type Io, printable, printableJson } from '../io.ts';
import { renderBlocks } from '../render.ts';

/** All that is known about one incident; a body that is not there yet, or cannot be read, is absent and named in `unread`. */
export interface IncidentView {
  readonly incident: Incident;
  readonly analysis?: Analysis | undefined;
  readonly pack?: EvidencePack | undefined;
  readonly plan?: Plan | undefined;
  readonly approvals: readonly Approval[];
  readonly publications: readonly Publication[];
  /** Later looks at what was done, those to come too. */
  readonly watches: readonly Watch[];
  /** What was put back, or was to be, because somebody asked for it. */
  readonly undos: readonly Undone[];
  /** Questions people asked, thread by thread; their texts lie in the evidence bucket. */
  readonly questions: readonly Turn[];
  readonly unread: readonly string[];
}

export const incident: Register = (program, host, answer) => {
  withPlace(
    program
      .command('incident')
      .description('Show one incident: analysis with its evidence, plan, approvals, times, outcome.')
      .argument('<id>', 'incident id, as `parapet incidents` shows it'),
  ).action(async (id: string, options: PlaceOptions) => {
    await answer(
      (async () => {
        const view = await readIncident(await host.connect(options), id);
        if (!view) {
          host.io.err(`There is no incident ${printable(id)}.`);
          return false;
        }
        if (options.json) host.io.out(printableJson(view, 2));
        else printIncident(host.io, view);
        return true;
      })(),
    );
  });
};

export async function readIncident(
  {
    incidents,
    approvals,
    blobs,
    threads,
    watches,
    audit,
  }: Pick<Connection, 'incidents' | 'approvals' | 'blobs' | 'threads' | 'watches' | 'audit'>,
  id: string,
): Promise<IncidentView | undefined> {
  const found = await incidents.get(id);
  if (!found) return undefined;
  const unread: string[] = [];
  const body = async <T>(what: string, key: string | undefined, schema: z.ZodType<T>): Promise<T | undefined> => {
    if (key === undefined) return undefined;
    const read = await readBlob(blobs, key, schema);
    if (read === undefined) unread.push(what);
    return read;
  };
  const [analysis, pack, plan, asked, publications, looks, questions, chain] = await Promise.all([
    body('analysis', found.blobs.analysis, analysisSchema),
    body('evidence', found.blobs.pack, evidencePackSchema),
    body('plan', found.blobs.plan, planSchema),
    approvals.forIncident(id),
    incidents.publications(id),
    watches.ofIncident(id),
    threads.all(id, { limit: 500 }),
    audit.readUnparsed(id),
  ]);
  return {
    incident: found,
    analysis,
    pack,
    plan,
    approvals: asked,
    publications,
    watches: looks,
    undos: undosIn(genuine(chain)),
    questions,
    unread,
  };
}

/** undefined: it is not there, or is not what its schema says. */
async function readBlob<T>(blobs: Connection['blobs'], key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let text: string;
  try {
    text = await blobs.get(key);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function printIncident(io: Io, view: IncidentView): void {
  io.out(printable(incidentTitle(view)));
  for (const line of renderBlocks(incidentDocument(view))) io.out(line);
  if (view.approvals.length > 0) io.out('\nApprovals\n---------');
  for (const approval of view.approvals) {
    const { approvalId, status, decidedBy, expiresAt } = approval;
    const who = decidedBy === undefined ? `expires ${expiresAt}` : `by ${decidedBy}`;
    io.out(printable(`${approvalId}: ${aboutWords(approval)}: ${status.toLowerCase()}, ${who}`));
  }
  if (view.publications.length > 0) io.out('\nPublished\n---------');
  for (const { destination, system, state, remoteId, url } of view.publications) {
    io.out(
      printable(`${destination} (${system}): ${state}${remoteId ? ` as ${remoteId}` : ''}${url ? ` ${url}` : ''}`),
    );
  }
  for (const what of view.unread) io.err(`The ${what} of this incident is recorded but could not be read.`);
}

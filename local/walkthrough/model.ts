import * as z from 'zod';
import type { IncidentView } from '../../cli/commands/incident.ts';
import type { Laptop } from '../laptop/laptop.ts';
import { type Step, step } from './step.ts';

const entrySchema = z.object({ kind: z.string(), data: z.looseObject({ outcome: z.string().optional() }) });

/** With the scripted model: that it was asked, what it looked up, that its account stands and that it decided nothing. */
export async function modelSteps({ connection, sandbox }: Laptop, view: IncidentView): Promise<readonly Step[]> {
  const { incidentId } = view.incident;
  const entries = (await connection.audit.readUnparsed(incidentId)).flatMap(
    (entry) => entrySchema.safeParse(entry).data ?? [],
  );
  const count = (kind: string, outcome: string) =>
    entries.filter((entry) => entry.kind === kind && entry.data.outcome === outcome).length;
  const lookUps = count('evidence.looked-up', 'answered');
  const answers = count('model.called', 'json');
  const served = sandbox.http.calls.filter(({ system, path }) => system === 'bedrock' && path.endsWith('/converse'));
  const { model, fallback } = view.analysis?.writtenBy ?? {};
  return [
    step(
      'the account was written by the scripted model',
      model?.profile === 'laptop' && fallback === undefined,
      fallback ?? model?.modelId ?? 'no model',
    ),
    step(
      'it looked something up before, and each look-up is in the audit log',
      lookUps > 0,
      `${lookUps} look-ups answered`,
    ),
    step(
      'each of its calls is in the audit log',
      answers > 0 && served.length >= entries.filter(({ kind }) => kind === 'model.called').length,
      `${served.length} calls served, ${answers} answers`,
    ),
  ];
}

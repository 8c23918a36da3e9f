import type { Models } from '../../connectors/models/compose.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { LinkStore } from '../../connectors/store/context-ports.ts';
import type { AuditLog, BlobStore, IncidentStore } from '../../connectors/store/ports.ts';
import { ThreadFullError, type ThreadStore } from '../../connectors/store/thread-port.ts';
import { answerByQuery } from '../../domain/ask/answer-by-query.ts';
import { type AskInput, type AskOutput, askInputSchema, type Exchange } from '../../domain/ask/exchange.ts';
import { cleanQuestion, QuestionError } from '../../domain/ask/question.ts';
import { contextOf } from '../../domain/ask/thread.ts';
import { together, wantsModel } from '../../domain/ask/together.ts';
import { type Answer, askModels } from './by-model.ts';
import { type Ground, groundFor } from './ground.ts';
import { recall, remember } from './memory.ts';
import { withSameImage } from './same-image.ts';

export interface AskDeps {
  readonly incidents: Pick<IncidentStore, 'get'>;
  readonly links: Pick<LinkStore, 'sharing'>;
  readonly threads: Pick<ThreadStore, 'append' | 'turns'>;
  readonly blobs: BlobStore;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly telemetry: Pick<Telemetry, 'warn' | 'count'>;
  /** Absent: no model is configured, and what is no query cannot be told. */
  readonly models?: Models | undefined;
  readonly nonce: () => string;
  readonly newThread: () => string;
  readonly now: () => Date;
}

/**
 * One question about one incident, answered from its evidence: by a query where it is one, else by a model where one may see
 * the evidence, else not. Whatever the answer, it is kept, and the audit log names who asked and what it stands on.
 * @throws z.ZodError (no such input), and what the stores throw
 */
export async function ask(deps: AskDeps, event: unknown): Promise<AskOutput> {
  const input = askInputSchema.parse(event);
  const question = taken(input.question);
  if ('refused' in question) return refused('question', question.refused);
  const ground = await groundFor(deps, input.incidentId);
  if ('refused' in ground) return refused('incident', ground.refused);
  const before = await recall(deps, input);
  if (before === undefined) return refused('thread', 'there is no such thread of this incident');
  const answered = await answer(deps, question.text, ground, before);
  deps.telemetry.count('QuestionAnswered', { kind: answered.reply.kind });
  try {
    return { outcome: 'answered', ...(await remember(deps, input, question.text, answered)) };
  } catch (error) {
    if (error instanceof ThreadFullError) return refused('thread', `${error.message}; begin a new one`);
    throw error;
  }
}

function taken(raw: AskInput['question']): { readonly text: string } | { readonly refused: string } {
  try {
    return { text: cleanQuestion(raw) };
  } catch (error) {
    if (error instanceof QuestionError) return { refused: error.message };
    throw error;
  }
}

function refused(because: Extract<AskOutput, { outcome: 'refused' }>['because'], reason: string): AskOutput {
  return { outcome: 'refused', because, reason };
}

async function answer(deps: AskDeps, question: string, ground: Ground, before: readonly Exchange[]): Promise<Answer> {
  const context = contextOf(before);
  const told = (over: Ground) => answerByQuery(question, over.evidence.pack, over.analysis, context);
  const first = told(ground);
  const wide = first.queries.includes('same-image') ? await withSameImage(deps, ground) : ground;
  const reply = wide === ground ? first : told(wide);
  if (deps.models === undefined || !wantsModel(reply)) return { reply, ground: wide };
  const model = await askModels({ ...deps, models: deps.models }, question, wide, before);
  if (!model.ok) return { reply, ground: wide, model };
  return { reply: together(reply, model.answer), ground: { ...wide, evidence: model.evidence }, model };
}

import type { Author, StoredPack } from '../../connectors/models/question.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import type { AnswerStore } from '../../connectors/store/answers-port.ts';
import type { BlobStore } from '../../connectors/store/ports.ts';
import { RULES_VERSION } from '../../domain/analysis/rules/analyse.ts';
import { type ModelAnswer, modelAnswerSchema } from '../../domain/analysis/verify/answer.ts';
import { evidencePackSchema } from '../../domain/evidence/pack.ts';
import { canonicalJson, sha256Hex } from '../../domain/json/canonical.ts';
import { likenessOf, translateAnswer } from '../../domain/models/reuse.ts';

export interface ReuseDeps {
  readonly blobs: BlobStore;
  readonly answers: AnswerStore;
  readonly telemetry: Pick<Telemetry, 'warn'>;
  readonly now: () => Date;
}

/** Below this part of its sentences an old answer tells too little of what happened now. */
const LEAST_KEPT = 2 / 3;

export interface Reusable {
  readonly answer: ModelAnswer;
  readonly from: string;
}

/**
 * What this author wrote when the same thing happened before, in the particulars of now; undefined when it has not, or when
 * too little of it fits. The caller's verifier has the last word. Trouble with what was kept is no trouble: the model is asked.
 */
export async function findReusable(
  deps: ReuseDeps,
  { pack }: StoredPack,
  author: Author,
): Promise<Reusable | undefined> {
  try {
    const kept = await deps.answers.get(likeness(pack, author), deps.now());
    if (kept === undefined || kept.incidentId === pack.incidentId) return undefined;
    const [answer, before] = await Promise.all([
      readJson(deps.blobs, kept.answerKey, kept.answerSha256),
      readJson(deps.blobs, kept.packKey, kept.packSha256),
    ]);
    const translated = translateAnswer(modelAnswerSchema.parse(answer), evidencePackSchema.parse(before), pack);
    if (translated.kept === 0 || translated.kept < translated.of * LEAST_KEPT) return undefined;
    return { answer: translated.answer, from: kept.incidentId };
  } catch (error) {
    deps.telemetry.warn('a kept answer could not be used', {
      incidentId: pack.incidentId,
      reason: error instanceof Error ? error.name : typeof error,
    });
    return undefined;
  }
}

/**
 * Keeps an answer for the next time; not keeping it costs money and nothing else.
 * @param asked the evidence as it was gathered, by which it is known again
 * @param told with what the model looked up
 */
export async function keepForReuse(
  deps: ReuseDeps,
  asked: StoredPack,
  told: StoredPack,
  author: Author,
  answer: ModelAnswer,
): Promise<void> {
  const { incidentId } = asked.pack;
  try {
    const stored = await deps.blobs.put(`incidents/${incidentId}/model/answer.json`, canonicalJson(answer));
    const at = deps.now();
    await deps.answers.keep(
      likeness(asked.pack, author),
      {
        incidentId,
        answerKey: stored.key,
        answerSha256: stored.sha256,
        packKey: told.key,
        packSha256: told.sha256,
        at: at.toISOString(),
      },
      at,
    );
  } catch (error) {
    deps.telemetry.warn('an answer could not be kept', {
      incidentId,
      reason: error instanceof Error ? error.name : typeof error,
    });
  }
}

function likeness(pack: StoredPack['pack'], { profile, modelId, promptSha256 }: Author): string {
  return likenessOf(pack, { profile, modelId, promptSha256, rules: RULES_VERSION });
}

/** What is kept by digest is used only as it was. */
async function readJson(blobs: BlobStore, key: string, sha256: string): Promise<unknown> {
  const body = await blobs.get(key);
  if (sha256Hex(body) !== sha256) throw new ChangedBodyError(`${key} was changed after it was stored`);
  return JSON.parse(body);
}

class ChangedBodyError extends Error {
  override readonly name = 'ChangedBodyError';
}

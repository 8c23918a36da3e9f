import type { AnswerStore, KeptAnswer } from '../../connectors/store/answers-port.ts';
import { ANSWERS } from '../../connectors/store/tables.ts';
import { type Failing, failing } from './failures.ts';

export type MemoryAnswerStore = AnswerStore & Failing<keyof AnswerStore> & { readonly held: Map<string, KeptAnswer> };

export function memoryAnswerStore(): MemoryAnswerStore {
  const held = new Map<string, KeptAnswer>();
  const forgottenAt = new Map<string, number>();
  return failing({
    held,
    async get(likeness, now) {
      return now.getTime() < (forgottenAt.get(likeness) ?? 0) ? held.get(likeness) : undefined;
    },
    async keep(likeness, answer, now) {
      held.set(likeness, answer);
      forgottenAt.set(likeness, now.getTime() + ANSWERS.keepSeconds * 1000);
    },
  } satisfies AnswerStore & { held: Map<string, KeptAnswer> });
}

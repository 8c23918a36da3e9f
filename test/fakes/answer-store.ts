import type { AnswerStore, KeptAnswer } from '../../connectors/store/answers-port.ts';
import { type Failing, failing } from './failures.ts';

export type MemoryAnswerStore = AnswerStore & Failing<keyof AnswerStore> & { readonly held: Map<string, KeptAnswer> };

export function memoryAnswerStore(): MemoryAnswerStore {
  const held = new Map<string, KeptAnswer>();
  return failing({
    held,
    async get(likeness) {
      return held.get(likeness);
    },
    async keep(likeness, answer) {
      held.set(likeness, answer);
    },
  } satisfies AnswerStore & { held: Map<string, KeptAnswer> });
}

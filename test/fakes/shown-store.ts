import type { Shown, ShownStore } from '../../connectors/store/shown-port.ts';
import { type Failing, failing } from './failures.ts';

export type MemoryShownStore = ShownStore & Failing<keyof ShownStore>;

export function memoryShownStore(): MemoryShownStore {
  const items = new Map<string, Shown>();
  return failing({
    async get(approvalId, place) {
      return items.get(`${approvalId}#${place}`);
    },
    async put(approvalId, place, shown) {
      items.set(`${approvalId}#${place}`, shown);
    },
  } satisfies ShownStore);
}

import { hourOf, type PlaybookSlots } from '../../connectors/store/playbook-port.ts';
import { type Failing, failing } from './failures.ts';

export type MemoryPlaybookSlots = PlaybookSlots & Failing<keyof PlaybookSlots>;

export function memoryPlaybookSlots(): MemoryPlaybookSlots {
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  return failing({
    async take({ playbook, execution, now, most }) {
      if (taken.has(execution)) return true;
      const hour = hourOf(now);
      const wanted = [
        [`${playbook} ${hour}`, most.ofPlaybook],
        [`all ${hour}`, most.inAll],
      ] as const;
      if (wanted.some(([key, limit]) => (counts.get(key) ?? 0) >= limit)) return false;
      taken.add(execution);
      for (const [key] of wanted) counts.set(key, (counts.get(key) ?? 0) + 1);
      return true;
    },
  } satisfies PlaybookSlots);
}

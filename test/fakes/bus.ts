import { type Bus, BusUnavailableError } from '../../connectors/bus/bus.ts';
import { type Failing, failing } from './failures.ts';

export type MemoryBus = Bus &
  Failing<keyof Bus> & { readonly published: { readonly detailType: string; readonly detail: unknown }[] };

/** Events as a consumer would get them: through JSON. */
export function memoryBus(): MemoryBus {
  const published: { detailType: string; detail: unknown }[] = [];
  return failing({
    published,
    async publish(detailType: string, detail: object) {
      published.push({ detailType, detail: JSON.parse(JSON.stringify(detail)) });
    },
  });
}

export const busDown = new BusUnavailableError('the bus did not accept the event: InternalFailure');

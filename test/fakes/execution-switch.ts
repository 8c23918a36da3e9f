import type { ExecutionSwitchStore } from '../../connectors/store/control-port.ts';
import type { ExecutionSwitch } from '../../domain/control/execution-switch.ts';
import { type Failing, failing } from './failures.ts';

export type MemoryExecutionSwitch = ExecutionSwitchStore & Failing<keyof ExecutionSwitchStore>;

export function memoryExecutionSwitch(): MemoryExecutionSwitch {
  let held: ExecutionSwitch | undefined;
  return failing({
    async read() {
      return held;
    },
    async set(wanted) {
      held = wanted;
    },
  } satisfies ExecutionSwitchStore);
}

import type { PlaybookName } from '../../domain/config/playbooks.ts';

export interface SlotAsk {
  readonly playbook: PlaybookName;
  /** What acts: the same one takes no second slot, however often it is tried. */
  readonly execution: string;
  readonly now: Date;
  /** In one hour of the clock (UTC). */
  readonly most: { readonly ofPlaybook: number; readonly inAll: number };
}

/** How often playbooks may act in an hour, counted over all processes. */
export interface PlaybookSlots {
  /** @returns false where the hour is full, and then nothing was taken. @throws what the store throws, which means: do not act */
  take(ask: SlotAsk): Promise<boolean>;
}

/** `2025-10-14T09`: what is counted of one hour is kept under. */
export function hourOf(now: Date): string {
  return now.toISOString().slice(0, 13);
}

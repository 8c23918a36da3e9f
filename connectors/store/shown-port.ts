/** Where a question is shown beside the mails. A Teams card cannot be changed afterwards, so its end is a card of its own. */
export type ShownPlace = 'slack' | 'teams-question' | 'teams-end';

export interface Shown {
  /** Digest of what is shown there: the same words are not sent again. */
  readonly digest: string;
  /** Which message it is, where the place names one and said so. */
  readonly remoteId?: string | undefined;
  readonly at: string;
}

/**
 * What channels show of a question. Only `show-question` has it. Writing it again replaces it; two writers at once could at
 * most show the same twice, which decides nothing.
 */
export interface ShownStore {
  get(approvalId: string, place: ShownPlace): Promise<Shown | undefined>;
  put(approvalId: string, place: ShownPlace, shown: Shown): Promise<void>;
}

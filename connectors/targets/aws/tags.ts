import type { AwsAccountFacts } from './api.ts';
import type { Tag } from './schema.ts';

/** The only keys Parapet ever writes. A tag may decide about access in the customer's account, so none of theirs is touched. */
export const OUR_TAG_KEYS = ['ir:incident', 'ir:action', 'ir:status', 'ir:since', 'ir:by'] as const;
export type OurTagKey = (typeof OUR_TAG_KEYS)[number];

/** The tag that says "leave me alone", where something carries one. */
export function protectingTag(tags: readonly Tag[], { protectedTags }: AwsAccountFacts): string | undefined {
  const found = protectedTags.find((guard) =>
    tags.some(({ key, value }) => key === guard.key && value === guard.value),
  );
  return found && `${found.key}=${found.value}`;
}

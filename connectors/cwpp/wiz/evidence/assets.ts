import { parseReadBack } from '../read-back.ts';
import type { IssueRecord } from '../records.ts';
import { issuesOf } from './alert-details.ts';
import { LookUp } from './look-up.ts';
import { firstOf, type PartContext } from './part.ts';

/** What the findings are about, on Wiz's graph. */
export interface Assets {
  readonly ids: readonly string[];
  readonly imageIds: readonly string[];
  readonly issues: readonly IssueRecord[];
}

/**
 * Graph ids come with Detection and Threat bodies. A default issue body has none: then the issue's own record tells, and at
 * last a search for the provider's id.
 */
export async function readAssets(context: PartContext): Promise<Assets> {
  const { findings } = context;
  const named = findings.map(({ readBack }) => parseReadBack(readBack));
  const lookUp = new LookUp(context);
  const issues: IssueRecord[] = [];
  for (const { id } of firstOf(context, 'issues', issuesOf(findings))) {
    const read = await lookUp.issue(id);
    if ('value' in read && read.value !== undefined) issues.push(read.value);
  }
  const ids = [
    ...named.flatMap(({ graphId }) => graphId ?? []),
    ...issues.flatMap(({ entitySnapshot, entity }) => entitySnapshot?.id ?? entity?.id ?? []),
  ];
  const searched =
    ids.length > 0
      ? []
      : await search(
          context,
          named.flatMap(({ providerId }) => providerId ?? []),
        );
  return {
    ids: firstOf(context, 'resources', [...new Set([...ids, ...searched])], 5),
    imageIds: [...new Set(named.flatMap(({ imageId }) => imageId ?? []))].slice(0, 5),
    issues,
  };
}

async function search({ wiz, attempts }: PartContext, providerIds: readonly string[]): Promise<readonly string[]> {
  const [providerId] = providerIds;
  if (providerId === undefined) return [];
  const query = { type: ['CLOUD_RESOURCE'], select: true, where: { providerUniqueId: { EQUALS: [providerId] } } };
  const found = await attempts.list('graphSearch', `the resource ${providerId} on the graph`, () => wiz.graph(query));
  return found.flatMap(({ entities }) => entities.slice(0, 1).flatMap(({ id }) => id ?? []));
}

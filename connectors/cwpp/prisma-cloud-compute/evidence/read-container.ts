import type { EvidenceDraft } from '../../../../domain/evidence/pack.ts';
import { resultOf } from '../../attempts.ts';
import type { IncidentRecord, ProfileRecord } from '../records.ts';
import { containerDrafts } from './container.ts';
import type { PartContext } from './part.ts';
import type { ContainerSubject } from './subjects.ts';

/**
 * The container's record and learned behaviour. Two parts need them, and each must stand alone; equal facts become one
 * when the parts are put together.
 */
export async function readContainer(
  { compute, attempts, now }: PartContext,
  subject: ContainerSubject,
  incident: IncidentRecord | undefined,
): Promise<{ readonly drafts: readonly EvidenceDraft[]; readonly profile: ProfileRecord | undefined }> {
  const { containerId } = subject;
  const container = resultOf(
    await attempts.read('GET /containers', 'the container in the inventory', () => compute.containerById(containerId)),
  );
  const profileId = container?.info?.profileID ?? incident?.profileID ?? subject.profileId;
  const profile =
    profileId === undefined
      ? undefined
      : resultOf(
          await attempts.read('GET /profiles/container', 'the learned behaviour of the container', () =>
            compute.profileById(profileId),
          ),
        );
  return { drafts: containerDrafts({ containerId, container, incident, profile }, now().toISOString()), profile };
}

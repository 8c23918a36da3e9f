import type { EvidenceDraft } from '../../../domain/evidence/pack.ts';
import type { Controller } from './api.ts';
import { controllerRef, podRef, type Reading } from './evidence.ts';
import type { ControllerObject, Pod } from './schema.ts';
import { isoTime } from './times.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const CHANGE_CAUSE = 'kubernetes.io/change-cause';
/** The Deployment controller keeps ten by default; more tells nothing about what changed lately. */
const MAX_REVISIONS = 10;

interface Revision {
  readonly number: number;
  readonly createdAt: string;
  readonly images: readonly string[];
  readonly changeCause: string | undefined;
  readonly name: string;
}

/**
 * Part `recent-deployments`: a Deployment's revisions, newest first, each with what ran before it. The time of a revision is
 * that of its ReplicaSet, which an undo takes into use again: then it is older than the rollout.
 */
export function revisionEvidence(
  at: Reading,
  found: { readonly pod: Pod; readonly deployment: Controller; readonly replicaSets: readonly ControllerObject[] },
): EvidenceDraft[] {
  const { pod, deployment } = found;
  const revisions = found.replicaSets
    .flatMap(toRevision)
    .sort((a, b) => b.number - a.number)
    .slice(0, MAX_REVISIONS + 1);
  return revisions.slice(0, MAX_REVISIONS).map((revision, index) => {
    const previous = revisions[index + 1];
    return {
      source: 'kubernetes_api',
      field: `GET replicasets/${revision.name}`,
      // The change cause is free text of whoever deployed.
      trust: revision.changeCause === undefined ? 'own' : 'attacker_influenced',
      observedAt: at.observedAt,
      fact: {
        kind: 'revision',
        controllerKind: 'Deployment',
        controller: deployment.metadata.name,
        revision: revision.number,
        createdAt: revision.createdAt,
        images: [...revision.images],
        ...(revision.changeCause === undefined ? {} : { changeCause: revision.changeCause }),
        current: index === 0,
        ...(previous === undefined ? {} : { previousImages: [...previous.images] }),
      },
      entities: [controllerRef(at, deployment), ...(index === 0 ? [podRef(at, pod)] : [])],
    };
  });
}

function toRevision({ metadata, spec }: ControllerObject): Revision[] {
  const text = metadata.annotations[REVISION] ?? '';
  const createdAt = isoTime(metadata.creationTimestamp);
  if (!/^\d{1,9}$/.test(text) || createdAt === undefined) return [];
  return [
    {
      number: Number(text),
      createdAt,
      images: (spec.template?.spec.containers ?? []).flatMap(({ image }) => (image === undefined ? [] : [image])),
      changeCause: metadata.annotations[CHANGE_CAUSE],
      name: metadata.name,
    },
  ];
}

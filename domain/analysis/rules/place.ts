import type { EvidencePack } from '../../evidence/pack.ts';

/** What a sentence calls the thing that runs, and the thing that holds packages: a machine is neither container nor image. */
export function placeWords({ workload }: Pick<EvidencePack, 'workload'>): {
  readonly runs: string;
  readonly holds: string;
} {
  return workload.kind === 'host'
    ? { runs: 'The host', holds: 'The host' }
    : { runs: 'The container', holds: 'The image' };
}

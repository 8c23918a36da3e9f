import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { gatherKubernetes } from './gather-kubernetes.ts';

export const handler = lambda('gather-kubernetes', compose, gatherKubernetes);

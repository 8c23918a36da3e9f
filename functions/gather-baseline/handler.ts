import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { gatherBaseline } from './gather-baseline.ts';

export const handler = lambda('gather-baseline', compose, gatherBaseline);

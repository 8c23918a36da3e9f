import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { gatherCwpp } from './gather-cwpp.ts';

export const handler = lambda('gather-cwpp', compose, gatherCwpp);

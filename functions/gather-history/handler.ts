import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { gatherHistory } from './gather-history.ts';

export const handler = lambda('gather-history', compose, gatherHistory);

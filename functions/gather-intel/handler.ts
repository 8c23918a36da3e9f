import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { gatherIntel } from './gather-intel.ts';

export const handler = lambda('gather-intel', compose, gatherIntel);

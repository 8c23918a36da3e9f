import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { watch } from './watch.ts';

export const handler = lambda('watch', compose, watch);

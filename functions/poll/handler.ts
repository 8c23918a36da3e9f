import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { poll } from './poll.ts';

export const handler = lambda('poll', compose, poll);

import { lambda } from '../../connectors/runtime/handler.ts';
import { announceWaiting } from './announce-waiting.ts';
import { compose } from './composition.ts';

export const handler = lambda('announce-waiting', compose, announceWaiting);

import { lambda } from '../../connectors/runtime/handler.ts';
import { ask } from './ask.ts';
import { compose } from './composition.ts';

export const handler = lambda('ask', compose, ask);

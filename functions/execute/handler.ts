import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { execute } from './execute.ts';

export const handler = lambda('execute', compose, execute);

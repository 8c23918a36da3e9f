import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { lookUp } from './look-up.ts';

export const handler = lambda('look-up', compose, lookUp);

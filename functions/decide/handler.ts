import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { decide } from './decide.ts';

export const handler = lambda('decide', compose, decide);

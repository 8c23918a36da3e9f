import { lambda } from '../../connectors/runtime/handler.ts';
import { analyze } from './analyze.ts';
import { compose } from './composition.ts';

export const handler = lambda('analyze', compose, analyze);

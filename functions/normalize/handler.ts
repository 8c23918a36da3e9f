import { lambda } from '../../connectors/runtime/handler.ts';
import { normalizeBatch } from './batch.ts';
import { compose } from './composition.ts';

export const handler = lambda('normalize', compose, normalizeBatch);

import { lambda } from '../../connectors/runtime/handler.ts';
import { collectBatch } from './collect.ts';
import { compose } from './composition.ts';

export const handler = lambda('collect', compose, collectBatch);

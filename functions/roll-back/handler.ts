import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { rollBack } from './roll-back.ts';

export const handler = lambda('roll-back', compose, rollBack);

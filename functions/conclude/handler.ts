import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { conclude } from './conclude.ts';

export const handler = lambda('conclude', compose, conclude);

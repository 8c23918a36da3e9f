import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { receive } from './receive.ts';

export const handler = lambda('receive', compose, receive);

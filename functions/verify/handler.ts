import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { verify } from './verify.ts';

export const handler = lambda('verify', compose, verify);

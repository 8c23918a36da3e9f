import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { signIn } from './sign-in.ts';

export const handler = lambda('sign-in', compose, signIn);

import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { postDigest } from './post-digest.ts';

export const handler = lambda('post-digest', compose, postDigest);

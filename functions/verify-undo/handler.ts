import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { verifyUndo } from './verify-undo.ts';

export const handler = lambda('verify-undo', compose, verifyUndo);

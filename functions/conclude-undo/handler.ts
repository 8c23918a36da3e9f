import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { concludeUndo } from './conclude-undo.ts';

export const handler = lambda('conclude-undo', compose, concludeUndo);

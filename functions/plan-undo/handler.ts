import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { planUndo } from './plan-undo.ts';

export const handler = lambda('plan-undo', compose, planUndo);

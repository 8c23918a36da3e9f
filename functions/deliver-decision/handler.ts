import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { deliverDecisions } from './deliver-decision.ts';

export const handler = lambda('deliver-decision', compose, deliverDecisions);

import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { makePlan } from './plan.ts';

export const handler = lambda('plan', compose, makePlan);

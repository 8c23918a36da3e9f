import { lambda } from '../../connectors/runtime/handler.ts';
import { chaseApprovals } from './chase-approvals.ts';
import { compose } from './composition.ts';

export const handler = lambda('chase-approvals', compose, chaseApprovals);

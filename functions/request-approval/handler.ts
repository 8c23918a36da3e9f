import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { requestApproval } from './request-approval.ts';

export const handler = lambda('request-approval', compose, requestApproval);

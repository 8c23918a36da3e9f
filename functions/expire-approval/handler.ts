import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { expireApproval } from './expire-approval.ts';

export const handler = lambda('expire-approval', compose, expireApproval);

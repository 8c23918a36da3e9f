import { lambda } from '../../connectors/runtime/handler.ts';
import { anchorAudit } from './anchor-audit.ts';
import { compose } from './composition.ts';

export const handler = lambda('anchor-audit', compose, anchorAudit);

import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { publishTicket } from './publish-ticket.ts';

export const handler = lambda('publish-ticket', compose, publishTicket);

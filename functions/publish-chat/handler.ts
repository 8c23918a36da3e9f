import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { publishChat } from './publish-chat.ts';

export const handler = lambda('publish-chat', compose, publishChat);

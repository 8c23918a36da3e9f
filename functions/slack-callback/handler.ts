import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { slackCallback } from './slack-callback.ts';

export const handler = lambda('slack-callback', compose, slackCallback);

import { type HttpModelDeps, httpModel } from '../http-model.ts';
import type { ModelPort } from '../port.ts';
import { fromMessage } from './from-message.ts';
import { messageSchema } from './schema.ts';
import { type AnthropicProfile, toMessage } from './to-message.ts';

/** The version all of what we send belongs to. */
const VERSION = '2023-06-01';

/** A model behind Anthropic's own `/v1/messages`. */
export function anthropicModel(profile: AnthropicProfile, deps: HttpModelDeps): ModelPort {
  return httpModel(profile, deps, {
    who: 'Anthropic',
    path: '/v1/messages',
    headers: (apiKey) => ({
      'anthropic-version': VERSION,
      ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
    }),
    requestIdHeader: 'request-id',
    bodyFor: (request, mode) => toMessage(request, profile, mode),
    read: (body, request, mode) => fromMessage(messageSchema.parse(body), request, mode),
  });
}

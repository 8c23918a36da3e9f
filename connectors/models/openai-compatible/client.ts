import { type HttpModelDeps, httpModel } from '../http-model.ts';
import type { ModelPort } from '../port.ts';
import { fromCompletion } from './from-completion.ts';
import { completionSchema } from './schema.ts';
import { type OpenAiProfile, toCompletion } from './to-completion.ts';

/** A model behind `/chat/completions`: OpenAI itself, vLLM, Ollama and others that speak its wire. */
export function openAiCompatibleModel(profile: OpenAiProfile, deps: HttpModelDeps): ModelPort {
  return httpModel(profile, deps, {
    who: 'the OpenAI-compatible server',
    path: '/chat/completions',
    headers: (apiKey) => (apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    requestIdHeader: 'x-request-id',
    bodyFor: (request, mode) => toCompletion(request, profile, mode),
    read: (body, request, mode) => fromCompletion(completionSchema.parse(body), request, mode),
  });
}

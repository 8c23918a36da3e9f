import * as z from 'zod';
import { severitySchema } from '../severity.ts';
import { secretName, serviceUrl } from './fields.ts';

/** Which models may be asked, for what, and how much it may cost. Capabilities are data: models differ more than providers do. */

/**
 * How an answer is made to be JSON. `native`: the provider constrains it; `forced_tool`: the answer is the input of a tool
 * the model must call; `prompt`: the instructions ask for it, which always works.
 */
export const STRUCTURED_MODES = ['native', 'forced_tool', 'prompt'] as const;
export const structuredModeSchema = z.enum(STRUCTURED_MODES);
export type StructuredMode = z.infer<typeof structuredModeSchema>;

const profileName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and dashes, at most 40');

/** US dollars for a million tokens. */
const priceSchema = z.strictObject({
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  cacheRead: z.number().nonnegative().optional(),
  cacheWrite: z.number().nonnegative().optional(),
  asOf: z.iso.date().describe('The day the price was looked up; `parapet cost` names it.'),
});
export type ModelPrice = z.infer<typeof priceSchema>;

const common = {
  modelId: z.string().min(1).describe('As the provider spells it: a model id, an inference profile, an ARN.'),
  structured: z
    .array(structuredModeSchema)
    .min(1)
    .refine((ladder) => ladder.at(-1) === 'prompt', 'must end with prompt, the one way every model can go')
    .refine((ladder) => new Set(ladder).size === ladder.length, 'must name each way once')
    .default(['native', 'forced_tool', 'prompt'])
    .describe('Ways to a JSON answer, tried in this order; a way the model refuses is not tried again.'),
  tools: z.boolean().default(true).describe('Whether the model may ask for more evidence through read-only tools.'),
  maxOutputTokens: z.number().int().min(256).max(32_000).default(4096),
  temperature: z.number().min(0).max(2).optional().describe('Absent: not sent. Newer models refuse it.'),
  effort: z.enum(['low', 'medium', 'high']).optional().describe('Absent: not sent.'),
  cache: z
    .strictObject({ prefix: z.boolean(), ttl: z.enum(['5m', '1h']).default('5m') })
    .default({ prefix: false, ttl: '5m' })
    .describe('Whether the part of the prompt that is always the same is marked for the cache of the provider.'),
  timeoutSeconds: z.number().int().min(5).max(120).default(60).describe('For one call, its repetitions included.'),
  pricePerMTok: priceSchema
    .optional()
    .describe('Absent: costs of this profile are unknown, and the money budget refuses it.'),
};

const guardrailSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9]+$|^arn:aws[\w-]*:bedrock:[a-z0-9-]+:\d{12}:guardrail\/[a-z0-9]+$/),
    version: z.string().regex(/^\d+$/, 'must be a number: DRAFT changes under your hands'),
  })
  .describe(
    'Must only detect: content filters with action NONE. A blocking one would let an attacker suppress analysis.',
  );

export const modelProfileSchema = z.lazy(() =>
  z.discriminatedUnion('provider', [
    z.strictObject({
      provider: z.literal('bedrock'),
      region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be an AWS region such as eu-central-1'),
      endpoint: serviceUrl.optional().describe('For a VPC endpoint or a proxy.'),
      guardrail: guardrailSchema.optional(),
      ...common,
    }),
    z.strictObject({
      provider: z.literal('openai-compatible'),
      endpoint: serviceUrl.describe('Up to and with /v1, e.g. https://api.openai.com/v1 or http://127.0.0.1:11434/v1.'),
      secret: secretName
        .optional()
        .describe('JSON {"apiKey"}. Absent: no key is sent (Ollama, vLLM in your own network).'),
      tokenLimitField: z
        .enum(['max_completion_tokens', 'max_tokens'])
        .default('max_completion_tokens')
        .describe('Older servers know only max_tokens.'),
      ...common,
    }),
    z.strictObject({
      provider: z.literal('anthropic'),
      endpoint: serviceUrl.default('https://api.anthropic.com'),
      secret: secretName.describe('JSON {"apiKey"}.'),
      ...common,
    }),
  ]),
);
export type ModelProfileConfiguration = z.infer<typeof modelProfileSchema>;

const pattern = z.string().min(1).describe('An exact name, or * for any.');
const placeSchema = z.strictObject({
  account: pattern.optional(),
  region: pattern.optional(),
  cluster: pattern.optional(),
  namespace: pattern.optional(),
  environment: pattern.optional(),
  label: z
    .string()
    .regex(/^[^=\s]+=.*$/, 'must be key=value')
    .optional()
    .describe('A label of the pod or a tag of the resource, key=value.'),
});
export type ModelScope = z.infer<typeof placeSchema>;

const routeSchema = z.strictObject({
  severities: z.array(severitySchema).min(1).optional().describe('Absent: all.'),
  scope: placeSchema.default({}),
  profiles: z
    .array(profileName)
    .describe('Tried in this order when one is down or slow. Empty: the rules analyst writes alone.'),
});

const bindingSchema = z.strictObject({
  scope: placeSchema,
  profiles: z.array(profileName).describe('Evidence of this scope goes to no other profile. Empty: to none at all.'),
});

/** What a model may write beside the account: prompts of the same names. */
export const TELLINGS = [
  'remediation-guidance',
  'blocked-event',
  'anomaly-explanation',
  'ticket-summary',
  'chat-summary',
] as const;
export const tellingSchema = z.enum(TELLINGS);
export type Telling = z.infer<typeof tellingSchema>;

const LIMITS = { rounds: 4, calls: 8, seconds: 60 } as const;

interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}
type Named = readonly { readonly profiles: readonly string[] }[];

function unknownProfiles(models: {
  readonly profiles: Readonly<Record<string, unknown>>;
  readonly routes: Named;
  readonly bindings: Named;
}): readonly Problem[] {
  return (['routes', 'bindings'] as const).flatMap((list) =>
    models[list].flatMap(({ profiles }, index) =>
      profiles
        .filter((name) => !Object.hasOwn(models.profiles, name))
        .map((name) => ({ path: [list, index, 'profiles'], message: `there is no profile ${name}` })),
    ),
  );
}

function unpricedProfiles(models: {
  readonly profiles: Readonly<Record<string, { readonly pricePerMTok?: ModelPrice | undefined }>>;
  readonly budget: { readonly usdPerDay?: number | undefined };
}): readonly Problem[] {
  if (models.budget.usdPerDay === undefined) return [];
  return Object.entries(models.profiles)
    .filter(([, { pricePerMTok }]) => pricePerMTok === undefined)
    .map(([name]) => ({
      path: ['profiles', name, 'pricePerMTok'],
      message: 'must be given, because budget.usdPerDay cannot be kept for a model whose price is unknown',
    }));
}

export const modelsSchema = z.lazy(() =>
  z
    .strictObject({
      profiles: z.record(profileName, modelProfileSchema).describe('Models that may be asked, by a name of your own.'),
      routes: z
        .array(routeSchema)
        .min(1)
        .describe('First match wins; what matches nothing is written by the rules analyst alone.'),
      bindings: z
        .array(bindingSchema)
        .default([])
        .describe(
          'Data sovereignty: all that match hold together, whatever the routes say. A scope that cannot be told counts as matching.',
        ),
      budget: z
        .strictObject({
          tokensPerIncident: z.number().int().min(1_000).max(5_000_000).default(150_000),
          usdPerDay: z.number().positive().max(100_000).optional().describe('Absent: no limit in money.'),
        })
        .default({ tokensPerIncident: 150_000 }),
      tellings: z
        .array(tellingSchema)
        .default([])
        .describe('What the model that told an incident writes beside: a call each. Nothing of it decides anything.'),
      tools: z
        .strictObject({
          rounds: z.number().int().min(0).max(10).default(LIMITS.rounds),
          calls: z.number().int().min(0).max(30).default(LIMITS.calls),
          seconds: z.number().int().min(5).max(240).default(LIMITS.seconds),
        })
        .default({ ...LIMITS })
        .describe('How far a model may go for more evidence in one analysis or one question.'),
    })
    .superRefine((models, context) => {
      for (const { path, message } of [...unknownProfiles(models), ...unpricedProfiles(models)])
        context.addIssue({ code: 'custom', path: [...path], message });
    }),
);
export type ModelsConfiguration = z.infer<typeof modelsSchema>;

/** The secrets of the profiles that have one, each once. */
export function modelSecretsOf(models: ModelsConfiguration | undefined): readonly string[] {
  const secrets = Object.values(models?.profiles ?? {}).flatMap((profile) =>
    profile.provider === 'bedrock' ? [] : (profile.secret ?? []),
  );
  return [...new Set(secrets)];
}

import { isIP } from 'node:net';
import * as z from 'zod';
import { SEVERITIES } from '../../../domain/severity.ts';

/**
 * What a mapping must make of a body: one of these, or a list of them. Strict, so that a misspelt field is an error and
 * not a loss. `null` reads as absent, because that is how senders write what they do not know. README.md says it in words.
 */
const text = z.string().trim().min(1);
const optional = <T extends z.ZodType>(type: T) => z.preprocess((value) => value ?? undefined, type.optional());
/** JSONata writes a list of one as the one. */
const list = <T extends z.ZodType>(type: T) =>
  z.preprocess(
    (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]),
    z.array(type),
  );
const word = <T extends z.ZodType>(type: T) =>
  z.preprocess((value) => (typeof value === 'string' ? value.trim().toLowerCase() : value), type);

const ip = text.refine((value) => isIP(value) !== 0, 'must be an IP address');
const port = z.number().int().min(0).max(65_535);
const pid = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const image = () => ({
  image: optional(text),
  imageDigest: optional(text.regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hex digits')),
});

const workload = () =>
  z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('pod'),
      account: optional(text),
      cluster: text,
      namespace: text,
      pod: text,
      container: optional(text),
      containerId: optional(text),
      ...image(),
      host: optional(text),
    }),
    z.strictObject({
      kind: z.literal('container'),
      account: optional(text),
      host: text,
      container: text,
      containerId: optional(text),
      ...image(),
    }),
    z.strictObject({ kind: z.literal('host'), account: optional(text), host: text, instanceId: optional(text) }),
    z.strictObject({ kind: z.literal('function'), account: optional(text), region: optional(text), name: text }),
    z.strictObject({
      kind: z.literal('image'),
      account: optional(text),
      image: text,
      imageDigest: image().imageDigest,
    }),
    z.strictObject({
      kind: z.literal('resource'),
      account: optional(text),
      region: optional(text),
      resourceType: text,
      name: text,
      uid: optional(text),
    }),
  ]);

const processFields = () => ({
  name: optional(text),
  path: optional(text),
  commandLine: optional(text),
  pid: optional(pid),
  user: optional(text),
  sha256: optional(text.regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits')),
  interactive: optional(z.boolean()),
});

export const mappedSchema = z.lazy(() =>
  z.strictObject({
    title: text,
    severity: word(z.enum(SEVERITIES)),
    /** RFC 3339 text, or epoch milliseconds. */
    time: z.union([text, z.number()]),
    /** The sender's own id of the event: with it the same event is recognised however often it comes. */
    uid: z.union([text, z.number()]).transform(String),
    workload: workload(),
    /** `resolved`: the sender takes an earlier alert back; that opens nothing. */
    status: optional(word(z.enum(['opened', 'resolved']))),
    category: optional(text),
    rule: optional(text),
    message: optional(text),
    product: optional(z.strictObject({ name: text, vendor: optional(text) })),
    process: optional(z.strictObject({ ...processFields(), parents: list(z.strictObject(processFields())) })),
    file: optional(z.strictObject({ path: text, access: word(z.enum(['read', 'written'])) })),
    connection: optional(
      z.strictObject({
        direction: word(z.enum(['inbound', 'outbound'])),
        sourceIp: optional(ip),
        sourcePort: optional(port),
        destinationIp: ip,
        destinationPort: port,
        protocol: optional(text),
      }),
    ),
    domain: optional(text),
    user: optional(text),
    techniques: list(text),
    labels: list(text),
    data: optional(z.record(z.string().regex(/^[\w.-]{1,80}$/), z.union([z.string(), z.number(), z.boolean()]))),
  }),
);
export type Mapped = z.infer<typeof mappedSchema>;

/** The first mistakes of a finding as one sentence: `workload.pod is missing; severity must be one of …`. */
export function sentenceOf(error: z.ZodError): string {
  const sentences = error.issues.slice(0, 3).map((issue) => {
    const path = issue.path.map(String).join('.') || 'the finding';
    if (issue.code === 'unrecognized_keys') {
      return `${path} has the unknown ${issue.keys.length === 1 ? 'field' : 'fields'} ${issue.keys
        .slice(0, 5)
        .map((key) => JSON.stringify(key.slice(0, 40)))
        .join(', ')}`;
    }
    return `${path}: ${issue.message}`;
  });
  const rest = error.issues.length - sentences.length;
  return sentences.join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}

import * as z from 'zod';
import { LOOK_UP_WINDOWS, type LookUpCall, type LookUpTool, lookUpCallSchema, SHARED_TRAITS } from './tools.ts';

/** What a model is told about each tool. Part of the stable prefix: the same for every incident. */
const DESCRIPTIONS: Readonly<Record<LookUpTool, string>> = {
  process_tree: 'Processes of a container, pod or host around the alert, with parents up to the entry point.',
  network_peers: 'Whom a container, pod, host or address talked with, with direction and ports.',
  image_vulnerabilities: 'Known vulnerabilities of an image with package, score and fixed version.',
  threat_intelligence: 'What others know of an address, domain or file hash.',
  identity_permissions: 'What a service account, role or other principal may do.',
  workload_history: 'What happened to a workload before: incidents, and what is usual there.',
  similar_incidents: 'Earlier incidents that share a trait with this one, with their outcome.',
  recent_deployments: 'Recent revisions of a workload: images, time, cause.',
};

const entity = { type: 'string', description: 'Id of an entity of the evidence, such as N3.' } as const;

const PARAMETERS: Readonly<Record<LookUpTool, Readonly<Record<string, unknown>>>> = {
  process_tree: { entity },
  network_peers: { entity },
  image_vulnerabilities: { entity },
  threat_intelligence: { entity },
  identity_permissions: { entity },
  workload_history: { entity, window: { type: 'string', enum: LOOK_UP_WINDOWS } },
  similar_incidents: { shared: { type: 'string', enum: SHARED_TRAITS } },
  recent_deployments: { entity },
};

const TOOLS = Object.keys(DESCRIPTIONS).filter((name): name is LookUpTool => Object.hasOwn(DESCRIPTIONS, name));

/** Every tool with its JSON Schema, in one order. Whatever a model then says is checked by `parseLookUp`. */
export function lookUpOffers(): readonly {
  readonly name: LookUpTool;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
}[] {
  return TOOLS.map((name) => ({
    name,
    description: DESCRIPTIONS[name],
    schema: {
      type: 'object',
      properties: PARAMETERS[name],
      required: Object.keys(PARAMETERS[name]),
      additionalProperties: false,
    },
  }));
}

/** A call as it was said, or why it is none. The reason holds nothing of what was said. */
export function parseLookUp(
  name: string,
  input: unknown,
  entities: ReadonlySet<string>,
): { readonly ok: true; readonly call: LookUpCall } | { readonly ok: false; readonly reason: string } {
  if (!TOOLS.some((tool) => tool === name)) return { ok: false, reason: 'there is no such tool' };
  const parameters = z.record(z.string(), z.unknown()).safeParse(input);
  const parsed = lookUpCallSchema.safeParse({ ...parameters.data, tool: name });
  if (!parsed.success)
    return { ok: false, reason: 'parameters must be exactly those of the tool: ids and listed words' };
  if ('entity' in parsed.data && !entities.has(parsed.data.entity))
    return { ok: false, reason: 'the evidence has no entity of that id' };
  return { ok: true, call: parsed.data };
}

import * as z from 'zod';

/**
 * What people should change, as data. Nothing of it is executed by Parapet: a step is shown, and a person runs it. Each
 * value in a step is a parameter with the evidence it came from (slots.ts), so that a reader can check it.
 *
 * This file imports no other of the domain, because the analysis holds guidance.
 */

/** The shape of a claim of the analysis. */
const claim = z.object({
  text: z.string(),
  kind: z.enum(['observed', 'inferred']),
  evidence: z.array(z.string()),
  entities: z.array(z.string()),
});

/** `from`: the id of the piece of evidence or of the entity that holds the value, or `workload` for the incident's own. */
const parameter = z.object({ kind: z.string(), value: z.string(), from: z.string() });
export type Parameter = z.infer<typeof parameter>;

export const COMMAND_EFFECTS = ['reads', 'changes', 'destroys'] as const;
export type CommandEffect = (typeof COMMAND_EFFECTS)[number];

export const PATCH_FORMATS = [
  'kubernetes-manifest',
  'helm-values',
  'terraform',
  'cloudformation',
  'dockerfile',
  'package-manifest',
] as const;
export type PatchFormat = (typeof PATCH_FORMATS)[number];

export const stepSchema = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('command'),
      purpose: z.string(),
      argv: z.array(z.string()),
      /** `argv` by the one quoting function (command/argv.ts). */
      text: z.string(),
      effect: z.enum(COMMAND_EFFECTS),
      /** Somebody beside the one who types must agree first. */
      needsApproval: z.boolean(),
      /** The tool that manages the thing will put it back, or the template will: only to win time until the patch is in. */
      emergency: z.boolean(),
      parameters: z.array(parameter),
    }),
    z.object({
      kind: z.literal('patch'),
      purpose: z.string(),
      format: z.enum(PATCH_FORMATS),
      /** Where it belongs, in words. */
      where: z.string(),
      /** Several lines; the only text here that holds line breaks. */
      text: z.string(),
      parameters: z.array(parameter),
    }),
    /** A step without a form that code could write: where to look and what to set. */
    z.object({ kind: z.literal('hint'), text: z.string(), parameters: z.array(parameter) }),
  ]),
);
export type Step = z.infer<typeof stepSchema>;

export const URGENCIES = ['immediate', 'soon', 'planned'] as const;
export type Urgency = (typeof URGENCIES)[number];

export const guidanceSchema = z.lazy(() =>
  z.object({
    /** `<rule>:<entity id>`, the same for the same pack. */
    id: z.string(),
    title: z.string(),
    why: z.array(claim),
    steps: z.array(stepSchema),
    /** Entity ids. */
    targets: z.array(z.string()),
    /** `findingUid` of the alerts it answers. */
    appliesTo: z.array(z.string()),
    urgency: z.enum(URGENCIES),
    author: z.enum(['rules', 'model']),
  }),
);
export type Guidance = z.infer<typeof guidanceSchema>;

/** Why something was stopped, and what makes the honest case work: for the developer it happened to. */
export const blockedEventSchema = z.lazy(() =>
  z.object({
    /** `blocked:<evidence id>` */
    id: z.string(),
    title: z.string(),
    why: z.array(claim),
    change: z.array(claim),
    appliesTo: z.string(),
    author: z.enum(['rules', 'model']),
  }),
);
export type BlockedEvent = z.infer<typeof blockedEventSchema>;

export const remediationSchema = z.lazy(() =>
  z.object({
    items: z.array(guidanceSchema),
    blocked: z.array(blockedEventSchema),
    /** What was not written, and why: a value nobody could write safely, a fact nobody has. */
    leftOut: z.array(z.object({ what: z.string(), why: z.string() })),
  }),
);
export type Remediation = z.infer<typeof remediationSchema>;

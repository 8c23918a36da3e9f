/** The verbs of the pipeline: one folder each under `functions/`, one bundle, one role. */
export const FUNCTION_NAMES = [
  'receive',
  'collect',
  'normalize',
  'announce-waiting',
  'claim-incident',
  'gather-cwpp',
  'gather-kubernetes',
  'gather-baseline',
  'gather-intel',
  'gather-history',
  'look-up',
  'analyze',
  'ask',
  'plan',
  'publish-ticket',
  'publish-chat',
  'post-digest',
  'request-approval',
  'decide',
  'sign-in',
  'slack-callback',
  'show-question',
  'deliver-decision',
  'expire-approval',
  'chase-approvals',
  'execute',
  'verify',
  'roll-back',
  'plan-undo',
  'verify-undo',
  'conclude-undo',
  'watch',
  'conclude',
  'anchor-audit',
  'poll',
] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** `gather-cwpp` -> `GatherCwpp`: construct id, and with `Function` behind it the placeholder of the ASL file. */
export function pascalOf(name: FunctionName): string {
  return name.replace(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

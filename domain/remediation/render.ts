import type { Block } from '../publish/blocks.ts';
import type { BlockedEvent, Guidance, Remediation, Step } from './guidance.ts';

/** What fits a ticket beside the analysis. (Jira is said to take 32,767 characters of description; unverified.) */
const MAX_CHARACTERS = 14_000;

/** Guidance as neutral blocks, in its order; what does not fit is counted. */
export function guidanceBlocks(remediation: Remediation | undefined): Block[] {
  if (remediation === undefined) return [];
  const parts = [...remediation.items.map(itemBlocks), ...remediation.blocked.map(eventBlocks)];
  const shown: Block[] = [];
  let used = 0;
  let left = 0;
  for (const blocks of parts) {
    const size = JSON.stringify(blocks).length;
    // Once something is left out, so is what comes after it: the order is that of urgency.
    if (left > 0 || used + size > MAX_CHARACTERS) left += 1;
    else {
      shown.push(...blocks);
      used += size;
    }
  }
  const notes = [
    ...(left > 0 ? [`${left} more in the analysis itself, as parapet incident shows it with --json.`] : []),
    ...remediation.leftOut.slice(0, 10).map(({ what, why }) => `Not written: ${what}, because ${why}.`),
  ];
  if (shown.length + notes.length === 0) return [];
  return [
    { type: 'heading', text: 'What to change (shown to people, executed by nobody)' },
    ...shown,
    ...(notes.length === 0 ? [] : [{ type: 'bullets', items: notes } as const]),
  ];
}

/** The evidence a reader of the guidance wants to see. */
export function citedByGuidance(remediation: Remediation | undefined): string[] {
  const claims = [
    ...(remediation?.items ?? []).flatMap(({ why }) => why),
    ...(remediation?.blocked ?? []).flatMap(({ why, change }) => [...why, ...change]),
  ];
  return claims.flatMap(({ evidence }) => evidence);
}

function itemBlocks({ title, urgency, author, why, steps }: Guidance): Block[] {
  return [
    { type: 'heading', text: `${title} (${urgency}${author === 'model' ? ', written by a model' : ''})` },
    { type: 'bullets', items: why.map(cited) },
    ...steps.flatMap(stepBlocks),
  ];
}

function eventBlocks({ title, why, change, author }: BlockedEvent): Block[] {
  return [
    { type: 'heading', text: author === 'model' ? `${title} (written by a model)` : title },
    { type: 'bullets', items: [...why.map(cited), ...change.map((one) => `What to change: ${cited(one)}`)] },
  ];
}

function cited({ text, kind, evidence }: Guidance['why'][number]): string {
  return `${kind === 'inferred' ? 'Inferred: ' : ''}${text} ${evidence.map((id) => `[${id}]`).join('')}`.trimEnd();
}

function stepBlocks(step: Step): Block[] {
  switch (step.kind) {
    case 'hint':
      return [{ type: 'paragraph', text: step.text }];
    case 'command':
      return [
        { type: 'paragraph', text: `${step.purpose}${noteOf(step)}${addressNote(step)}:` },
        { type: 'code', text: step.text },
      ];
    case 'patch':
      return [
        { type: 'paragraph', text: `${step.purpose}, in ${step.where}${addressNote(step)}:` },
        { type: 'code', text: step.text.trimEnd() },
      ];
  }
}

function noteOf({ effect, needsApproval, emergency }: Extract<Step, { kind: 'command' }>): string {
  const notes = [
    ...(emergency ? ['emergency measure'] : []),
    ...(effect === 'reads' ? ['changes nothing'] : []),
    ...(effect === 'destroys' ? ['destroys something'] : []),
    ...(needsApproval ? ['a second person must agree'] : []),
  ];
  return notes.length === 0 ? '' : ` (${notes.join('; ')})`;
}

/** Tickets show addresses defanged (domain/publish/defang.ts), which no API server would take. */
function addressNote({ parameters }: { readonly parameters: Step['parameters'] }): string {
  return parameters.some(({ kind }) => kind === 'ip') ? ' (write each [.] as a dot)' : '';
}

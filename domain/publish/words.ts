import type { Analysis } from '../analysis/analysis.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import type { IncidentStatus, Outcome } from '../incident/incident.ts';

/** Sentences people read about a state; one place, so that ticket, chat and page say the same. */
export function statusWords(status: IncidentStatus): string {
  switch (status) {
    case 'opened':
      return 'opened';
    case 'investigating':
      return 'under investigation';
    case 'awaiting-decision':
      return 'waiting for a decision by an approver';
    case 'responding':
      return 'responding';
    case 'concluded':
      return 'concluded';
    case 'failed':
      return 'failed: the pipeline broke, a person must look at it';
  }
}

export function outcomeWords(outcome: Outcome): string {
  switch (outcome) {
    case 'contained':
      return 'contained and verified';
    case 'partially-contained':
      return 'partially contained: see the verification';
    case 'rolled-back':
      return 'what was done was put back';
    case 'action-failed':
      return 'the action failed';
    case 'rejected':
      return 'the action was rejected by an approver';
    case 'expired':
      return 'nobody decided in time, nothing was done';
    case 'decided-too-late':
      return 'the decision came too late, nothing was done';
    case 'noted':
      return 'nothing was contained; it was marked, copied as evidence or answered at the vendor';
    case 'advice-only':
      return 'advice only, nothing was executed';
    case 'no-action-needed':
      return 'no action needed';
    case 'unverified':
      return 'the vendor did not confirm the alert, nothing was executed';
    case 'failed':
      return 'the pipeline failed, a person must look at it';
  }
}

/** Who wrote headline and narrative, because a reader must know whether a model speaks. */
export function authorWords(analysis: Pick<Analysis, 'writtenBy'>): string {
  const { model, fallback, rules } = analysis.writtenBy;
  if (model) {
    return `Headline and narrative written by the model ${model.modelId} (prompt ${model.promptId} ${model.promptVersion}), checked against the evidence; verdict and actions by the rules analyst ${rules.version}`;
  }
  return `Written by the rules analyst ${rules.version}, without a model${fallback ? ` (${fallback})` : ''}`;
}

/** Domain names of the evidence: what `defang` may bracket without guessing. */
export function domainsOf(pack: EvidencePack | undefined): readonly string[] {
  return pack?.entities.filter(({ kind }) => kind === 'domain').map(({ label }) => label) ?? [];
}

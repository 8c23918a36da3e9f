import type { EvidencePack } from '../../evidence/pack.ts';
import { remediationOf } from '../../remediation/remediation.ts';
import type { AnalysisBody } from '../analysis.ts';
import { actionsOf } from './actions.ts';
import { blastRadius } from './blast-radius.ts';
import { headline } from './headline.ts';
import { suspectedInjection } from './injection.ts';
import { investigate } from './investigation.ts';
import { narrative } from './narrative.ts';
import { rootCauseOf } from './root-cause.ts';
import { severityOf } from './severity.ts';
import { techniquesOf } from './techniques.ts';
import { timeline } from './timeline.ts';
import { unknownsOf } from './unknowns.ts';
import { listVulnerabilities, scoreOf } from './vulnerabilities.ts';

/** Changes with every rule: the audit log names it beside the evidence, so that an analysis can be made again. */
export const RULES_VERSION = '1.4.0';

/**
 * The rules analyst: the same pack always gives the same analysis. It decides verdict, severity, blast radius,
 * vulnerabilities and actions of every incident; a model may only tell the story differently (`../verify/merge.ts`).
 */
export function analyseByRules(pack: EvidencePack): AnalysisBody {
  const investigation = investigate(pack);
  const { severity, reason } = severityOf(investigation);
  return {
    ...investigation.judgement,
    headline: headline(investigation),
    severity,
    severityReason: reason,
    narrative: narrative(investigation),
    rootCause: rootCauseOf(investigation),
    timeline: timeline(pack),
    techniques: techniquesOf(investigation),
    vulnerabilities: listVulnerabilities(investigation.vulnerabilities),
    environmentScore: scoreOf(investigation),
    blastRadius: blastRadius(investigation),
    actions: actionsOf(investigation),
    unknowns: unknownsOf(investigation),
    suspectedInjection: suspectedInjection(pack),
    guidance: remediationOf(investigation),
  };
}

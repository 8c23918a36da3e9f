import { SEVERITIES, type Severity, severityRank } from '../../../severity.ts';
import { type ClaimContext, drop, type VerifierRule } from '../rule.ts';
import { TALKED_DOWN } from '../talked-down.ts';
import { readings, standsIn } from '../words.ts';

const DOWNPLAYS =
  /\b(?:benign|harmless|innocuous|legitimate|false[ -]?(?:positive|alarm|alert)s?|non-?malicious|not (?:malicious|an attack|a threat|suspicious|dangerous|harmful|a (?:real|true) (?:attack|incident|alert|threat))|no (?:malicious|suspicious) (?:activity|behaviou?r|intent))\b/;
const CLOSES =
  /\b(?:clos(?:e|ed|ing)|dismiss(?:ed|ing)?|ignor(?:e|ed|ing)|suppress(?:ed|ing)?|archiv(?:e|ed|ing)|mute[ds]?|discard(?:ed)?|snoozed?|downgraded?|deprioriti[sz]ed?|resolved)\b[^.]{0,40}\b(?:alerts?|incidents?|findings?|cases?|tickets?|detections?|this)\b|\b(?:alert|incident|finding|case|ticket|detection)s?\b[^.]{0,40}\b(?:clos(?:e|ed)|dismissed|ignored|suppressed|archived|muted|discarded|downgraded|deprioriti[sz]ed|resolved)\b/;
const NOTHING_TO_DO =
  /\bno (?:further |immediate |additional )?(?:action|response|concern|investigation|escalation|intervention|follow-up)\b|\bnothing (?:to (?:worry|do|see|be done)|malicious|suspicious)\b|\b(?:safe(?:ly)?|can) (?:to )?be (?:safely )?(?:ignored|disregarded|closed)\b/;
const EXCUSES =
  /\b(?:authori[sz]ed|approved|sanctioned|scheduled|known|planned|expected|routine)\b[^.]{0,30}\b(?:tests?|testing|exercises?|drills?|red team\w*|scans?|maintenance|pen-?tests?|behaviou?r|activity)\b/;

const LESS = SEVERITIES.filter((word) => word !== 'critical').join('|');
const RATES = new RegExp(
  `\\b(?:severity|priority|risk|impact|criticality|threat level)\\b[^.]{0,24}\\b(${LESS}|info|minor|negligible|minimal|none)\\b|\\b(${LESS}|minor|negligible|minimal|no)[- ](?:severity|priority|risk|impact|criticality)\\b`,
);

/**
 * The floor of the verdict: rule 1 of the design. What the vendor or we ourselves recorded about a severity may be told, in
 * the words of that record; what the workload wrote about it may not.
 */
export const v11Floor: VerifierRule = {
  id: 'V11',
  protects: 'the one thing an attacker wants most: that the alert is talked down',
  wants:
    'no sentence that calls the incident harmless, tested or expected, that rates it lower than the decision, or that asks to close it.',
  claim(draft, context) {
    const talksDown = readings(draft.text).some((text) => says(text, context));
    return talksDown ? drop('talks down what the rules found') : undefined;
  },
};

function says(text: string, { judgement, ...context }: ClaimContext): boolean {
  if (CLOSES.test(text)) return true;
  if (judgement.verdict === 'benign') return false;
  if (DOWNPLAYS.test(text) || TALKED_DOWN.test(text) || NOTHING_TO_DO.test(text) || EXCUSES.test(text)) return true;
  const [, after, before] = RATES.exec(text) ?? [];
  const rated = after ?? before;
  return rated !== undefined && isLower(rated, judgement.severity) && !isRecorded(rated, context);
}

function isLower(word: string, floor: Severity): boolean {
  const severity = SEVERITIES.find((one) => one === word);
  return severity === undefined || severityRank(severity) < severityRank(floor);
}

function isRecorded(word: string, { items }: Pick<ClaimContext, 'items'>): boolean {
  return items.some(({ trust, words }) => trust !== 'attacker_influenced' && standsIn(word, words));
}

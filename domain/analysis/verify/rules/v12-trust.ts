import { callsIn } from '../calls.ts';
import { drop, type VerifierRule } from '../rule.ts';
import { readings } from '../words.ts';

/** Softer than V11's: words that would be a fact from the vendor and are an excuse from the workload. */
const EXCUSES =
  /\b(?:expected|intended|routine(?:ly)?|by design|(?:as |was |were |is |are )planned|authori[sz]ed|approved|sanctioned|trusted|safe(?:ly)?|legit|known[- ]good|(?:white|allow|safe)-?list(?:ed)?|permitted|reviewed|maintenance|normal (?:behaviou?r|operation|activity|use)|part of (?:a|an|the) (?:test|exercise|drill|audit|scan|deployment|rollout)|no (?:impact|harm|risk|threat|danger)|already (?:fixed|contained|handled|mitigated|resolved)|(?:resolved|mitigated|remediated|contained)|for (?:testing|training|a demo))\b/;

/**
 * A sentence that stands only on text the workload could have chosen is labelled, and may neither excuse anything nor call
 * for anything: its author is, for all we know, the attacker.
 */
export const v12Trust: VerifierRule = {
  id: 'V12',
  protects: 'readers from taking the word of the attacked workload for a finding',
  wants:
    'support by evidence that is not `attacker_influenced` wherever something is called expected, permitted or done with, or is asked for.',
  claim(draft, { items }) {
    if (items.length === 0 || items.some(({ trust }) => trust !== 'attacker_influenced')) return undefined;
    if (readings(draft.text).some((text) => EXCUSES.test(text)))
      return drop('excuses something, supported only by text the workload could have chosen');
    if (callsIn(draft.text).length > 0)
      return drop('calls for something, supported only by text the workload could have chosen');
    return { kind: 'change', draft: { ...draft, trust: 'attacker_influenced' } };
  },
};

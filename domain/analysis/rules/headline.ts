import { cleanText } from '../../evidence/clean.ts';
import { workloadLabel } from '../../workload.ts';
import { type BehaviourName, STRONG_BEHAVIOURS } from './behaviours.ts';
import { enumerate, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';

const NAMES: Readonly<Record<BehaviourName, string>> = {
  'crypto-miner': 'Crypto-miner',
  'reverse-shell': 'Reverse shell',
  malware: 'Malware',
  'download-and-run': 'Downloaded script run',
  'shell-from-service': 'Shell started by a service',
  'run-from-writable-directory': 'Program run from a writable directory',
  'written-then-run': 'Newly written program run',
  'unlearned-activity': 'Activity never seen before',
};

/** One line for lists, titles and phones: what, where, and what makes it worse. Names no command and no address. */
export function headline(investigation: Investigation): string {
  const { behaviours, vulnerabilities, accounts, judgement, pack } = investigation;
  const where = quote(workloadLabel(pack.workload), 120);
  const aggravating = [
    ...vulnerabilities
      .filter(({ relevance }) => relevance === 'likely_exploited')
      .slice(0, 1)
      .map(({ piece }) => `${quote(piece.fact.cve, 80)} likely exploited`),
    ...(accounts.some(({ adminBindings }) => adminBindings.length > 0) ? ['service account is cluster-admin'] : []),
  ];
  const strong = STRONG_BEHAVIOURS.find((name) => behaviours.some((behaviour) => behaviour.name === name));
  const main = strong ?? behaviours[0]?.name;
  return cleanText(line(), { max: 240 });

  function line(): string {
    const worse = aggravating.length > 0 ? `: ${enumerate(aggravating)}` : '';
    switch (judgement.verdict) {
      case 'malicious':
        return `${main === undefined ? 'Malicious activity' : NAMES[main]} in ${where}${worse}`;
      case 'suspicious':
        return `Suspicious: ${main === undefined ? 'runtime alert' : lowerFirst(NAMES[main])} in ${where}${worse}`;
      case 'vulnerability_only':
        return `Vulnerabilities in ${where}, without signs of exploitation`;
      case 'misconfiguration':
        return `Misconfiguration of ${where}`;
      case 'benign':
      case 'undetermined':
        return `Unverified alert on ${where}: not enough evidence to judge`;
    }
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

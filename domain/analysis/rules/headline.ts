import { isExploited } from '../../correlation/correlate.ts';
import { cleanText } from '../../evidence/clean.ts';
import { workloadLabel } from '../../workload.ts';
import { type BehaviourName, STRONG_BEHAVIOURS } from './behaviours.ts';
import { enumerate, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';
import { postureWords } from './posture.ts';

const NAMES: Readonly<Record<BehaviourName, string>> = {
  'container-escape': 'Container escape',
  'crypto-miner': 'Crypto-miner',
  'reverse-shell': 'Reverse shell',
  malware: 'Malware',
  'download-and-run': 'Downloaded script run',
  'shell-from-service': 'Shell started by a service',
  'token-read': 'Service account token read by a command',
  'credential-file-read': 'Credential file read by a command',
  'interactive-shell': 'Interactive shell',
  'run-from-writable-directory': 'Program run from a writable directory',
  'written-then-run': 'Newly written program run',
  'known-malicious-contact': 'Contact with a known malicious address',
  'unlearned-activity': 'Activity never seen before',
};

/** One line for lists, titles and phones: what, where, and what makes it worse. Names no command and no address. */
export function headline(investigation: Investigation): string {
  const { behaviours, vulnerabilities, accounts, judgement, pack } = investigation;
  const where = quote(workloadLabel(pack.workload), 120);
  const aggravating = [
    ...vulnerabilities
      .filter(isExploited)
      .slice(0, 1)
      .map(
        ({ piece, relevance }) =>
          `${quote(piece.fact.cve, 80)} ${relevance === 'exploited' ? 'exploited' : 'likely exploited'}`,
      ),
    ...(accounts.some(({ adminBindings }) => adminBindings.length > 0) ? ['service account is cluster-admin'] : []),
  ];
  const posture = postureWords(investigation);
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
        return `Misconfiguration of ${where}${posture.length > 0 ? `: ${enumerate(posture)}` : ''}`;
      case 'benign':
      case 'undetermined':
        return `Unverified alert on ${where}: not enough evidence to judge`;
    }
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

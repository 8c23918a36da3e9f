import { maxSeverity, type Severity, severityRank } from '../../severity.ts';
import { enumerate, factsOf, quote } from './facts.ts';
import { knownMalicious } from './intelligence.ts';
import type { Investigation } from './investigation.ts';
import { callsForResponse } from './verdict.ts';
import { attackedElsewhere, exploitedOf } from './vulnerabilities.ts';

/**
 * Starts at the vendor's severity and can only rise (rule 1): every reason below raises, none lowers, and nothing an
 * attacker writes can take a reason away.
 */
export function severityOf(investigation: Investigation): { readonly severity: Severity; readonly reason: string } {
  const { pack } = investigation;
  const floor = factsOf(pack, 'alert').reduce<Severity>(
    (highest, { fact }) => maxSeverity(highest, fact.severity),
    pack.vendorSeverity,
  );
  const raises = reasonsToRaise(investigation);
  const severity = raises.reduce<Severity>((highest, raise) => maxSeverity(highest, raise.to), floor);
  const decisive = raises.filter(({ to }) => to === severity && severityRank(to) > severityRank(floor));
  const start = `The vendor's severity is ${floor}`;
  if (decisive.length === 0) {
    const confirming = raises.filter(({ to }) => to === severity);
    return {
      severity,
      reason:
        confirming.length === 0
          ? `${start}; nothing in the evidence raises it, and the analysis never lowers it.`
          : `${start}; it stands, because ${enumerate(confirming.map(({ because }) => because))}.`,
    };
  }
  return {
    severity,
    reason: `${start}; raised to ${severity}, because ${enumerate(decisive.map(({ because }) => because))}.`,
  };
}

function reasonsToRaise(investigation: Investigation): { readonly to: Severity; readonly because: string }[] {
  const { judgement, accounts, pack, tree } = investigation;
  if (!callsForResponse(judgement.verdict)) return [];
  const admins = accounts.filter(({ adminBindings }) => adminBindings.length > 0);
  const escapes = factsOf(pack, 'security-context').filter(({ fact }) => fact.privileged || fact.hostPid);
  return [
    ...(judgement.verdict === 'malicious'
      ? [{ to: 'high' as const, because: 'malicious behaviour was observed and confirmed' }]
      : []),
    ...knownMalicious(pack, tree)
      .slice(0, 3)
      .map(({ what, piece }) => ({
        to: 'high' as const,
        because: `${what === 'file' ? 'a file with hash' : 'the contacted'} ${quote(piece.fact.indicator)} is known to be malicious (confidence ${piece.fact.confidence} of 100)`,
      })),
    ...admins.map(({ name, namespace }) => ({
      to: 'critical' as const,
      because: `service account ${quote(namespace)}/${quote(name)} of the pod is cluster-admin`,
    })),
    ...exploitedOf(investigation)
      .slice(0, 3)
      .map((one) => ({
        to: 'critical' as const,
        because: `${quote(one.piece.fact.cve)}${attackedElsewhere(one)} fits what was observed`,
      })),
    ...(escapes.length > 0 && judgement.verdict === 'malicious'
      ? [{ to: 'critical' as const, because: 'the container can reach its host' }]
      : []),
  ];
}

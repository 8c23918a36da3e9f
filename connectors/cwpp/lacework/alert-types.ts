import { folded } from './entity-map.ts';

/** What a type of alert means. The ATT&CK ids are our assignment: the vendor's own come with the observation timeline only. */
export interface AlertMeaning {
  readonly techniques: readonly string[];
}

/** Types as pushes and API name them (reference 1.2), without case and spaces: fast CloudTrail alerts send `Security Group Change`. */
const TECHNIQUES: Readonly<Record<string, readonly string[]>> = {
  newexternalclientbadip: ['T1071'],
  newexternalclientbaddns: ['T1071.004'],
  newexternalserverbadip: ['T1190'],
  newexternalserverbaddns: ['T1190'],
  badipserverconn: ['T1190'],
  suspiciouslogin: ['T1078'],
  successfulssh: ['T1021.004'],
  loginfrombadip: ['T1078'],
  loginfrombadipusinguser: ['T1078'],
  newprivilegeescalation: ['T1068'],
  userlaunchednewbinary: ['T1059'],
  suspiciousapplicationlaunched: ['T1059'],
  newk8sauditlogclusterrolebinding: ['T1098.006'],
  newk8sauditlogworkload: ['T1610'],
  securitygroupchange: ['T1562.007'],
  potentiallycompromisedawscredentials: ['T1078.004'],
  potentiallycompromisedazure: ['T1078.004'],
  potentiallycompromisedgcp: ['T1078.004'],
};

/** Categories the rest of the product understands: `Compliance` leads to a misconfiguration, `Vulnerability` to an update. */
const VULNERABILITY = /cve(?:discovered|fixavailable)|vulnerabilit/;

export function techniquesOf(type: string): readonly string[] {
  const key = folded(type);
  return Object.hasOwn(TECHNIQUES, key) ? (TECHNIQUES[key] ?? []) : [];
}

/**
 * The word by which an alert is judged: its type; `Compliance …` for posture and `Vulnerability …` for images and hosts,
 * whatever the type is called.
 */
export function categoryOf(alert: { readonly type: string; readonly category: string }): string {
  const type = alert.type || alert.category || 'Alert';
  if (/complian/i.test(alert.category) && !/complian/i.test(type)) return `Compliance: ${type}`;
  if (VULNERABILITY.test(folded(type)) && !/vulnerab/i.test(type)) return `Vulnerability: ${type}`;
  return type;
}

/** `NewExternalClientBadIp` as words, for a title that was not sent. */
export function humanised(type: string): string {
  const words = type.replace(/([a-z0-9])([A-Z])/g, '$1 $2').trim();
  return words === '' ? 'Alert' : words;
}

export const TECHNIQUE_IDS: readonly string[] = Object.values(TECHNIQUES).flat();

import { factsOf } from '../../analysis/rules/facts.ts';
import type { EvidenceItem, EvidencePack } from '../../evidence/pack.ts';

/**
 * What a posture alert is about, by the words and rule ids vendors use. A topic chooses a template and nothing else: the
 * thing it is written for must be one the evidence names.
 */
export const TOPICS = [
  'public-bucket',
  'open-admin-port',
  'open-network',
  'public-database',
  'unused-user',
  'untagged',
  'public-instance',
  'anonymous-cluster',
  'hardcoded-credential',
] as const;
export type Topic = (typeof TOPICS)[number];

const WORDS: Readonly<Record<Topic, RegExp>> = {
  'public-bucket':
    /\bLW_S3_\d|(?:\bs3\b|bucket)[^.]{0,80}(?:public|everyone|anyone|all users|world)|public[^.]{0,40}(?:\bs3\b|bucket)|BucketBlockPublicAccess|BucketPublicAccess|BucketAnonymousAccess/i,
  'open-admin-port':
    /\bAWS_CIS_4_[12]\b|(?:security.?groups?|instance|port|ingress|network acl).{0,120}(?:\bssh\b|\brdp\b|\bport \(?(?:22|3389)\b)|\bport (?:22|3389)\b[^.]{0,60}(?:reachable|open)|SSHBruteForce|RDPBruteForce|PortProbeUnprotectedPort/i,
  'open-network': /security.?groups?.{0,120}(?:0\.0\.0\.0\/0|::\/0|unrestricted|all traffic|any (?:source|address))/i,
  'public-database': /(?:\brds\b|database|db.?instance)[^.]{0,80}public|public[^.]{0,40}(?:\brds\b|database)/i,
  'unused-user':
    /\bAWS_CIS_1_3\b|\bLW_AWS_IAM_[7]\b|(?:unused|inactive|dormant|not (?:been )?used|stale)[^.]{0,80}(?:credential|access key|user|password)|(?:credential|access key|user|password)[^.]{0,80}(?:unused|inactive|dormant|not (?:been )?used|\b90 days)/i,
  untagged: /\bLW_AWS_GENERAL_SECURITY_1\b|\buntagged\b|(?:without|no|missing|not have)[^.]{0,20}\btags?\b/i,
  'public-instance': /(?:instance|\bvm\b|virtual machine)[^.]{0,60}(?:public (?:ip|address)|exposed to the internet)/i,
  'anonymous-cluster': /SuccessfulAnonymousAccess|AnonymousAccessGranted|system:anonymous|system:unauthenticated/i,
  'hardcoded-credential': /hard.?coded (?:credential|secret|password|key)/i,
};

export interface Found {
  readonly topic: Topic;
  readonly items: readonly EvidenceItem[];
  /** All the words the topic was found in, to look up details such as a port. */
  readonly words: string;
}

/** Topics of the alerts and of the controls that are not met, each once. */
export function topicsOf(pack: EvidencePack): Found[] {
  const said = [
    ...factsOf(pack, 'alert').map(({ item, fact }) => ({
      item,
      words: `${fact.title}. ${fact.rule ?? ''}. ${fact.category}. ${fact.message}`,
    })),
    ...factsOf(pack, 'compliance')
      .filter(({ fact }) => !fact.passed)
      .map(({ item, fact }) => ({ item, words: `${fact.control}. ${fact.reason}` })),
  ];
  const found = TOPICS.flatMap((topic) => {
    const about = said.filter(({ words }) => WORDS[topic].test(words));
    return about.length === 0
      ? []
      : [{ topic, items: about.map(({ item }) => item), words: about.map(({ words }) => words).join(' ') }];
  });
  // The narrower of two says more.
  return found.some(({ topic }) => topic === 'open-admin-port')
    ? found.filter(({ topic }) => topic !== 'open-network')
    : found;
}

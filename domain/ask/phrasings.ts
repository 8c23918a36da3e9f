import type { QueryKind } from './answer.ts';

/** How people ask for one thing, over one clause in lower case; `not` takes back what only looks like it. */
export interface Phrasing {
  readonly asks: readonly RegExp[];
  readonly not: readonly RegExp[];
}

/** Advice, reasons and what-ifs: no query over what was seen answers these, whatever else they name. */
export const NEVER: readonly RegExp[] = [
  /^why\b|\bhow come\b|^if\b|\bwhat if\b/,
  /\b(?:should|shall|would|must)\b|\bneeds? to\b/,
  /\bhow (?:do|can|could|might|to)\b/,
  /\b(?:do|does|can|may|could|am) (?:i|we|you)\b(?! (?:know|see|tell|say|run|use)\b)/,
  /\bapprov(?:e|al|er)s?\b/,
];

/** What is started but is no process; `the java service` is one more word. */
const NO_PROCESS =
  '(?:the |this |that |these |an? |our |your )?(?:\\w+ )?(?:incident|alert|pod|deployment|rollout|release|ticket|container|case|investigation|job|image|service|file|connection|account|namespace|cluster|node|instance|ruleset|rule|policy)s?\\b';
const NO_OBJECT = '(?:in|on|before|after|during|at|when|where|inside|with|here|there|first|last|now|today|running)\\b';
const STARTED =
  '(?:spawned|spawns|started|starts|launched|launches|executed|executes|forked|forks|ran|invoked|created|opened|kicked off)';
const PROCESS = '(?:process|shell|miner|binary|program|command|script|malware|executable)';

const SPAWNED: Phrasing = {
  asks: [
    new RegExp(
      `\\b(?:what|who|which (?:\\w+ ){0,2}?(?:process|program|binary|command|parent|executable|user|one)) (?:has |had |actually |originally )?${STARTED} (?!${NO_PROCESS}|${NO_OBJECT})\\S`,
    ),
    /\b(?:parent process|parent pid|process parent|ppid|parents? of|its (?:grand)?parents?|'s (?:grand)?parents?|parentage|ancestors?|ancestry|lineage|process (?:tree|chain|hierarchy))\b/,
    new RegExp(
      `\\bwhere (?:did|does) (?:(?:this|that|the)(?: \\w+)? ${PROCESS}|(?:process|pid) \\d+|/\\S+) (?:come from|originate)`,
    ),
    new RegExp(
      `\\bhow (?:was|were|did|has) (?!${NO_PROCESS})(?:\\S+ ){1,5}?(?:spawned|started|launched|executed|invoked|forked|start|come to run)\\b`,
    ),
    /\b(?:spawned|started|launched|forked|executed|invoked) by\b/,
    /\bfrom where (?:was|were) (?:\S+ ){1,3}?(?:spawned|started|launched|executed)\b/,
    new RegExp(`\\bwhat caused (?:this|that|the)(?: \\w+)? ${PROCESS} to (?:start|run)\\b`),
    new RegExp(
      `\\bdid (?:\\S+ ){1,3}?(?:spawn|start|launch|fork|execute) (?:it|this|that|(?:this|that|the)(?: \\w+)? ${PROCESS}|/\\S+)(?:$| )`,
    ),
    /\bby (?:what|whom|which process) (?:was|were)\b.*\b(?:spawned|started|launched|executed|forked)\b/,
  ],
  not: [
    /\b(?:child|children|descendants?|subprocess(?:es)?)\b/,
    /\bwhat (?:else )?(?:did|does|has) (?:\S+ ){1,4}?(?:spawn|start|launch|fork|execute|run)\b/,
    /\b(?:parent|ancestor) (?:company|image|account|ticket|incident|organi[sz]ation|team)\b/,
    new RegExp(`\\b(?:was|were|is) (?:${NO_PROCESS}) (?:spawned|started|launched|executed)`),
  ],
};

const CONNECTED: Phrasing = {
  asks: [
    /\b(?:what|who|whom|which|where|when|any|did|does|has|was|were|is|list|show)\b.*\b(?:connect(?:ed|s|ing)?|talk(?:ed|s|ing)? (?:to|with)|communicat(?:e|ed|es|ing)|contact(?:ed|s|ing)?|reach(?:ed|ing)? out|phon(?:e|ed|ing) home|call(?:ed|ing)? home|beacon(?:ed|s|ing)?)\b/,
    /\bto (?:what|whom|which \S+) (?:did|does|is|was)\b.*\b(?:connect(?:ed)?|talk(?:ing)?)\b/,
    /\b(?:network|outbound|inbound|outgoing|incoming|egress|external|tcp|udp|c2) (?:\w+ )?(?:connections?|peers?|traffic|communications?|activity|ips?|addresses|hosts|destinations|domains)\b|\bpeers\b/,
    /\b(?:which|what|any|list|all|remote)\b.*\b(?:ips?|addresses|address|domains?|names|hostnames?|hosts|destinations?|endpoints?)\b.*\b(?:connect|talk|contact|reach|resolve|quer|look(?:ed)? up)/,
    /\b(?:dns|domain|name) (?:quer(?:y|ies)|look-?ups?|requests?|resolutions?)\b|\bwhat (?:names? )?did (?:\S+ ){1,3}?(?:resolve|look up)\b/,
    /^(?:the |its )?connections\s*$/,
    /^(?:any|which|what|list|show|were there|was there|are there|is there)\b.*\bconnections\b/,
    /\bwhere (?:did|does) (?:\S+ ){1,4}?send\b/,
  ],
  not: [
    /\bconnect\w*\b.*\b(?:incidents?|alerts?|cases?|tickets?|findings?|cves?|vulnerabilit\w+)\b/,
    /\b(?:incidents?|alerts?|cases?|tickets?|findings?|cves?)\b.*\b(?:connected|connections?)\b/,
    /\bhow (?:is|are|was|were)\b.*\bconnect\w*\b/,
    /\bconnection (?:strings?|pools?|between)\b/,
    /\b(?:can|could|may|might) (?:\S+ ){1,3}?(?:connect|talk|reach|contact)\b/,
    /\bcontacted about\b|\bcontact (?:person|details|for)\b/,
  ],
};

const CHANGED: Phrasing = {
  asks: [
    /\bwhat(?:'s| has| have| had| was| were| is| did)?(?: \w+){0,3} chang(?:ed|e)\b/,
    /\b(?:any|which|what) changes?\b|\b(?:anything|something|nothing)(?: \w+)? changed?\b|\b(?:which|what) (?:release|deployment|revision|rollout|change) (?:introduced|brought)\b|\bwhat(?:'s| is| was) (?:new|different)\b/,
    /\b(?:recent|last|latest|previous|prior|new|any)(?: \w+)? (?:changes?|deploy(?:ment)?s?|roll-?outs?|releases?|revisions?|upgrades?)\b/,
    /\b(?:was|were|is|has|have|did)\b.*\b(?:deployed|redeployed|rolled out|roll-?out|released?|upgraded|updated)\b/,
    /\b(?:was|were|is) there (?:an? |any )?(?:\w+ )?(?:deployment|roll-?out|release|upgrade)\b|\bdid (?:\S+ ){1,3}?(?:deploy|release|upgrade)\b/,
    /\b(?:who|when|what)(?: was| were| has| did| last| recently)? (?:\S+ ){0,4}?(?:deployed|redeployed|released|rolled out|upgraded|changed)\b/,
    /\b(?:which|what) (?:image|version|revision)\b.*\b(?:before|previously)\b|\bprevious(?:ly)? (?:\w+ )?(?:image|version|revision)s?\b|\bchange cause\b|\b(?:deployment|revision|rollout) history\b/,
  ],
  not: [
    /\b(?:will|to) change\b|\bchange (?:the|my|this|its) (?:severity|verdict|status|ticket|plan|configuration|setting)/,
    /\b(?:severity|verdict|status|ticket|plan|analysis)\b.*\b(?:changed|updated|change)\b|\b(?:changed|updated|change)\b.*\b(?:severity|verdict|status|ticket|plan|analysis)\b/,
    /\b(?:fix|patch|quarantine|network ?policy|countermeasure|response)\b/,
    /\b(?:other|which|what|these|those) (?:workloads?|clusters?|pods)\b/,
    /\b(?:elsewhere|anywhere else)\b|\bwhere\b/,
  ],
};

const MANY =
  '(?:workloads|pods|clusters|services|containers|hosts|machines|nodes|namespaces|deployments|applications|apps|teams|instances|tasks)';
const USES =
  '(?:run|runs|running|use|uses|using|used|share|shares|sharing|deploy|deployed|based on|built on|with|have|in)';

const SAME_IMAGE: Phrasing = {
  asks: [
    new RegExp(
      `\\b(?:which|what|how many|any|list|all|other|do|does|are)\\b.*\\b${MANY}\\b.*\\b${USES}\\b.*\\bimage\\b`,
    ),
    /\b(?:who|what|anything|anybody|anyone|where) else\b.*\bimage\b|\bwho else (?:runs|uses|deploys)\b/,
    new RegExp(
      `\\bimage\\b.*\\b(?:elsewhere|anywhere else|somewhere else|(?:other|more|another) (?:${MANY}|workload|pod|cluster|place|places|incidents?))\\b`,
    ),
    /\bwhere (?:else )?(?:is|are|does|do)\b.*\bimage\b.*\b(?:run|runs|running|used|deployed)\b/,
    /\b(?:run|runs|running|deployed|used)\b.*\b(?:elsewhere|anywhere else|somewhere else)\b|\bwhere else (?:is|does|do|are)\b.*\b(?:run|running|used|deployed)\b/,
    /\b(?:incidents?|workloads?|pods?|containers?)\b.*\bsame image\b/,
    new RegExp(`\\bother ${MANY} (?:that )?(?:run|use|share) (?:it|this|that)\\b`),
  ],
  not: [
    /\bother images?\b|^(?:which|what) image (?:is|does|was|did)\b/,
    /\b(?:process|command|binary|program|file|package|vulnerabilit\w+|cves?)s?\b.*\bimage\b/,
    /\b(?:latest|newest|base) image\b/,
  ],
};

const CVES: Phrasing = {
  asks: [
    /\bcve-\d{4}-\d{3,}\b|\bghsa(?:-[a-z0-9]{4}){3}\b/,
    /\b(?:which|what|any|list|show|how many|are|is|does|do|has|have|known|open|exploitable|critical|all)\b.*\b(?:cves?|vulnerabilit(?:y|ies)|vulns?)\b/,
    /^(?:the |its )?(?:cves|vulnerabilities)\b/,
    /\b(?:is|are|was|were) (?:it|this|that|the|these|any)\b.*\bvulnerable\b|\bvulnerable (?:to|packages?|librar(?:y|ies)|versions?|components?|dependenc(?:y|ies))\b/,
    /\b(?:epss|kev|cvss)\b|\bis (?:it|this|that|the image) exploitable\b/,
    /\bwhich version (?:fixes|has the fix|contains the fix)\b|\bwhat version fixes\b/,
  ],
  not: [
    /^what (?:is|are) (?:an? |the )?(?:cves?|vulnerabilit(?:y|ies)|epss|kev|cvss)\s*$/,
    /\b(?:mean|means|stand for|stands for)\b/,
    /\bvulnerability (?:scanner|management|database|program|process|policy)\b/,
  ],
};

const WHO = '(?:identity|service ?account|principal|account|role|token|credentials?|user)';

const IDENTITY: Phrasing = {
  asks: [
    /\b(?:what|which|how much|does|do|is|are|has|have|can|could|may|might|list|show)\b.*\b(?:permissions?|privileges?|rights|rbac|role ?bindings?|roles|(?:cloud|iam|cluster) role|entitlements?|cluster-?admin)\b/,
    new RegExp(
      `\\bwhat (?:may|can|could|might|is|are|does)\\b.*\\b${WHO}\\b.*\\b(?:do|access|reach|allowed|read|write|touch|control)\\b`,
    ),
    new RegExp(
      `\\bwhat (?:may|can|could|might)\\b.*\\b(?:do|access|reach|control)\\b.*\\b(?:with|as|through|using)\\b.*\\b${WHO}\\b`,
    ),
    /\bwhat (?:may|can) (?:it|this pod|the pod|this workload|the workload|this container|the container) (?:do|access)\b/,
    /\bwhat (?:is|are) (?:it|this|that|the)(?: \w+){0,2} (?:allowed|permitted|entitled|able) to\b/,
    /^(?:which|what|whose) (?:service ?account|identity|principal|cloud role|iam role)\b|\bas (?:whom|what|which (?:user|account|identity|service ?account))\b.*\brun/,
    new RegExp(`\\b(?:can|may|could) (?:this|that|the|its)(?: \\w+)? ?${WHO} (?!be\\b)\\w+`),
    /\bwhat (?:can|could|may|might) be done with\b.*\b(?:identity|account|token|credentials?|role)\b|\b(?:which|what)(?: \w+)? roles?\b.*\bassume\b/,
    /^(?:the |its )?(?:rbac|permissions?|privileges|role ?bindings?)\b/,
    /\bis (?:it|this|that|the)(?: \w+){0,3} (?:admin|administrator|privileged account)\b/,
  ],
  not: [
    /\bfile permissions?\b|\bpermissions? (?:of|on) (?:the |this )?(?:file|\/)/,
    /\brole\b.*\bplay(?:s|ed)?\b|\bplay(?:s|ed)?\b.*\brole\b/,
    /\b(?:revoke|remove|delete|disable|rotate)\b/,
    /\bprivileged (?:container|pod)\b|\b(?:my|our|your)\b/,
  ],
};

export const PHRASINGS: Readonly<Record<QueryKind, Phrasing>> = {
  spawned: SPAWNED,
  connected: CONNECTED,
  changed: CHANGED,
  'same-image': SAME_IMAGE,
  cves: CVES,
  identity: IDENTITY,
};

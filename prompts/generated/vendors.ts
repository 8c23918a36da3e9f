// Made by prompts/compile.ts (`tsx prompts/compile.ts --write`); edit the .md files instead.
export const VENDOR_NOTES = {
  'prisma-cloud-compute': {
    text: "Prisma Cloud Compute (Twistlock). An audit is one event; an incident is several audits the vendor joined. `effect` says what\nthe sensor did: `alert` only saw it, `prevent` and `block` stopped it. Severities are the vendor's and low to critical. A\nWAAS audit is one request to a web application: `prevent` refused it, `ban` shut its sender out too. An admission audit is one\nrequest to the cluster's API: `block` refused it. A rule\nname is chosen by the customer. Process paths, command lines, labels and image names come from the workload. CVSS is the base\nscore of the vendor; `fixed in` names the package version that mends it. A profile is what the vendor learned of an image.",
    sha256: 'c3c7f6462e14abf01d9b41011c103b987cc34fcf289d90403a6b068bc3b9438d',
  },
  'prisma-cloud': {
    text: "Prisma Cloud (posture). An alert is a policy that a cloud resource breaks, not an attack; attack-path and anomaly policies are\nthe exception. The resource is named by RRN and by its own id or ARN. `reason` says whether the alert is new, updated or\nresolved. A policy's severity is the vendor's; its name and the resource's name and tags are chosen by customers.",
    sha256: '962044bc94cfa4cb57d7e6c566d36868fd873e7ac54873a0a92c4f851484426d',
  },
  wiz: {
    text: "Wiz. An Issue is a risk: a combination of facts on its security graph (exposure, vulnerability, identity), with the path from\nthe internet to the resource where there is one. A Threat and a Detection are runtime: what the sensor or the cloud's log saw,\nwith process tree and MITRE ids. An Issue's severity is the vendor's judgement of the combination. Names of resources, tags and\ncommand lines come from the customer's side.",
    sha256: 'd720fdadaead050c6c22216480f066656bec148dc3fb08444a6327f1fce0fcd3',
  },
  lacework: {
    text: 'Lacework / FortiCNAPP. Severity counts down: 1 is critical, 5 is informational. Behaviour alerts say that something is new\nagainst what was learned of a machine, container, user or call; composite alerts join several and are the stronger sign. A\nviolation is a compliance rule that a resource breaks. A webhook body is a hint; what counts was read from the API.',
    sha256: '23ccfd4bc14494ab44ac898f93188454fc2533b1cca980d27c6426962b375790',
  },
  falco: {
    text: "Falco. One event is one rule that matched a system call or an audit record on a node; nobody joined it with others and nothing\nwas blocked. Priority runs from Emergency to Debug. Everything after the rule's name (output fields: process, parent, command\nline, user, container, pod) was seen on the node, where an attacker may choose names.",
    sha256: '1d5c28fd67abc72e65700e78915f98f7d3a47bc5baa5ce22ec1ec86e569ce23b',
  },
  guardduty: {
    text: 'Amazon GuardDuty. The finding type names threat purpose, resource and what was seen; severity is 1.0 to 10.0. Runtime findings\nhave a process with its lineage; others come from flow, DNS or CloudTrail logs. `archived` is a state somebody set, and no\nverdict. Sample findings are made by the service for tests and say so. Resources are named by ARN and instance id.',
    sha256: 'cc52eff6018202e17d1225709f5dae26bb75587f7ccb0b6e18c2b9bf4efcf3ab',
  },
  inspector: {
    text: "Amazon Inspector. A finding is a known vulnerability in a package of an image, instance or function, or a reachable port; it is\nno sign of an attack. CVSS may be the service's own adjusted score. EPSS is the probability of exploitation within 30 days,\nbetween 0 and 1. `fixed in` names the version that mends it. Clusters that run the image are listed where known.",
    sha256: 'd701838c64b6eb1ee877b135cbcb1ed1f3901d2522dbc435196fbcfa4fbf158b',
  },
  generic: {
    text: 'A source that the operator mapped. The severity, title and fields are what the mapping made of the original event; nothing was\nread back from the product, so the alert is not confirmed. Every text may come from the workload.',
    sha256: '617bcc036358a3841cac41f9c084ddfd1c04db0b0c07110ac7568dcf97056de8',
  },
} as const;

import { claim, factsOf, type Piece, quote } from '../analysis/rules/facts.ts';
import type { EvidencePack } from '../evidence/pack.ts';
import type { BlockedEvent } from './guidance.ts';

type Alert = Piece<'alert'>;
type Claim = BlockedEvent['why'][number];
type Web = Piece<'web-request'>;
type Admission = Piece<'admission-request'>;

/** The request an alert of a web application firewall tells of, where its record was read. */
export function webRequestOf(pack: EvidencePack, { fact }: Alert): Web | undefined {
  return factsOf(pack, 'web-request').find((one) => one.fact.findingUid === fact.findingUid);
}

/** The request to a cluster an alert of an admission rule tells of, where its record was read. */
export function admissionRequestOf(pack: EvidencePack, { fact }: Alert): Admission | undefined {
  return factsOf(pack, 'admission-request').find((one) => one.fact.findingUid === fact.findingUid);
}

/** Which request it was, so that a developer finds it again. */
export function whatWasAsked(pack: EvidencePack, alert: Alert): Claim[] {
  const web = webRequestOf(pack, alert);
  if (web !== undefined) {
    const { fact, item } = web;
    const found = fact.parameter === undefined ? '' : `; what matched stands in ${parameter(web)}`;
    const banned = fact.senderBanned === true ? ' Its sender is shut out for a while, honest requests included.' : '';
    return [
      claim('observed', `The request was ${target(web)} at ${minute(fact.at)}${found}.${banned}`, [alert.item, item]),
    ];
  }
  const asked = admissionRequestOf(pack, alert);
  if (asked === undefined) return [];
  const { fact, item } = asked;
  const by = fact.user === undefined ? 'Somebody' : quote(fact.user, 160);
  return [
    claim('observed', `${by} asked for ${quote(fact.operation, 40)} of ${object(asked)} at ${minute(fact.at)}.`, [
      alert.item,
      item,
    ]),
  ];
}

/** What the sender and the service behind can change, by the vendor's word for what matched. */
const WEB_CHANGES: Readonly<Record<string, readonly [sender: string, service?: string]>> = {
  xss: [
    'send text that holds markup as data (encoded, or in a JSON body)',
    'In the service: encode the value where it is written into a page.',
  ],
  sqli: [
    'keep parts of queries out of parameters; send the values a query needs, one by one',
    'In the service: bind the value as a parameter of the query, never as part of its text.',
  ],
  cmdi: [
    'keep commands and separators of a shell out of parameters',
    'In the service: call the program with a list of arguments and without a shell.',
  ],
  shellshock: [
    'keep shell functions out of headers and parameters',
    'In the service: call no shell with values of a request in its environment.',
  ],
  lfi: [
    'name a document by an id instead of a path',
    'In the service: look the id up in a list of its own, and join no path from a request.',
  ],
  codeinjection: [
    'send code as a file or in an encoded field',
    'In the service: parse the value as data, and evaluate none of it.',
  ],
  attacktools: ['let the client send a user agent of its own instead of that of a testing tool'],
  disallowedfile: ['upload a file type that the application is meant to take'],
  malformedrequest: ['let length, encoding and headers of the request agree with its body'],
  inspectionlimitexceeded: ['send the body in smaller parts, or as an upload the firewall is set to take'],
  unexpectedapi: [
    'call paths, methods and parameters that the API definition holds',
    'In the service: publish the new definition together with the release, and give it to the security team.',
  ],
  informationleak: [
    'nothing is to be changed in the request: the answer held what must not leave',
    'In the service: leave secrets, stack traces and server banners out of answers.',
  ],
  dos: ['send fewer requests at a time, and wait before trying again'],
  violationsexceeded: ['mend what was refused before: too many refusals shut the sender out'],
  deniedip: ['call from a network that is allowed'],
  deniedcountry: ['call from a network that is allowed'],
};
const USUAL = ['send what looks like code as data (encoded, in a JSON body, as an upload)'] as const;
const AUTOMATED = [
  'let the client say what it is in its user agent, and agree its use with the security team',
] as const;
const IS_CLIENT =
  /bot$|crawler|scraper|library|automation|contentfeed|impersonation|session|cookie|javascript|recaptcha/;

/** For an honest request: what to change in it and behind it, and what an exception would have to name. */
export function webChanges(pack: EvidencePack, alert: Alert, rule: string): Claim[] {
  const web = webRequestOf(pack, alert);
  const items = [alert.item, ...(web === undefined ? [] : [web.item])];
  const word = (web?.fact.attack ?? alert.fact.category).toLowerCase().replace(/[^a-z]/g, '');
  const known = Object.hasOwn(WEB_CHANGES, word) ? WEB_CHANGES[word] : undefined;
  const [sender, service] = known ?? (IS_CLIENT.test(word) ? AUTOMATED : USUAL);
  const where = web?.fact.parameter === undefined ? '' : `, in ${parameter(web)}`;
  const only = web?.fact.path === undefined ? 'that path and parameter' : scope(web);
  return [
    claim('inferred', `If the request was honest${where}: ${sender}.`, items),
    ...(service === undefined ? [] : [claim('inferred', service, items)]),
    claim(
      'inferred',
      `If the interface must take it as it is: ask the security team for an exception to ${rule} for ${only} alone, and check the value in the service.`,
      items,
    ),
  ];
}

/** What the sentence or the name of an admission rule is about, and the field of a manifest that answers it. */
const MANIFEST: readonly (readonly [about: RegExp, change: string])[] = [
  [/host process id|hostpid|host pid/i, 'leave hostPID out or set it to false'],
  [/host network|hostnetwork/i, 'leave hostNetwork out or set it to false'],
  [/host ipc|hostipc|interprocess/i, 'leave hostIPC out or set it to false'],
  [/privileged (?:container|pod)|\bprivileged\b/i, 'set securityContext.privileged to false'],
  [/escalation/i, 'set securityContext.allowPrivilegeEscalation to false'],
  [
    /\broot\b|runasuser|runasnonroot/i,
    'set securityContext.runAsNonRoot to true, and let the image run as a user of its own',
  ],
  [/capabilit/i, 'drop all capabilities in securityContext.capabilities and add none'],
  [/host ?path|sensitive host|host (?:file|director|mount)/i, 'mount a volume of the cluster instead of a hostPath'],
  [/host ?port/i, 'use a Service instead of a hostPort'],
  [
    /registry|repositor|trusted image|untrusted/i,
    'take the image from a registry that is allowed, and name it by digest',
  ],
  [/latest|\btag\b|digest/i, 'name the image by digest, or by a tag that is never moved'],
  [/limit|requests? (?:cpu|memory)|resource/i, 'give the container requests and limits of memory and CPU'],
  [
    /service ?account|token/i,
    'use a service account of its own, with automountServiceAccountToken false where it calls no API',
  ],
  [/\bexec\b|attach|port-?forward/i, 'mend the image and roll it out, instead of opening a shell in a running pod'],
  [/default namespace/i, 'put it into a namespace of its team'],
];
const USUAL_MANIFEST =
  'no privileged container, none of the namespaces or paths of the host, a user that is not root, an image from an allowed registry and by digest';

export function admissionChanges(pack: EvidencePack, alert: Alert, rule: string): Claim[] {
  const asked = admissionRequestOf(pack, alert);
  const items = [alert.item, ...(asked === undefined ? [] : [asked.item])];
  const { message, rule: named = '' } = alert.fact;
  const fields = MANIFEST.filter(([about]) => about.test(message) || about.test(named)).map(([, change]) => change);
  const manifest = asked === undefined ? 'the manifest' : `the manifest of ${object(asked)}`;
  const change =
    fields.length === 0 ? `in what the message names: ${USUAL_MANIFEST}` : `as follows: ${fields.join('; ')}`;
  const namespace = asked?.fact.namespace;
  const who = asked?.fact.user;
  return [
    claim('inferred', `Change ${manifest} ${change}. Then apply it again.`, items),
    claim(
      'inferred',
      `If a cluster component truly needs it: ask the security team for an exception to ${rule} for ${namespace === undefined ? 'that namespace' : `namespace ${quote(namespace, 80)}`} and ${who === undefined ? 'service account' : quote(who, 160)} alone.`,
      items,
    ),
  ];
}

function target({ fact }: Web): string {
  const what = [fact.method, fact.path].flatMap((part) => (part === undefined ? [] : [quote(part, 200)])).join(' ');
  return `${what || 'one without a path'}${fact.host === undefined ? '' : ` of ${quote(fact.host, 120)}`}`;
}

function parameter({ fact }: Web): string {
  const place = fact.parameterIn === undefined ? '' : ` (${quote(fact.parameterIn, 40)})`;
  return `"${quote(fact.parameter ?? '', 80)}"${place}`;
}

function scope(web: Web): string {
  return web.fact.parameter === undefined
    ? `path ${quote(web.fact.path ?? '', 200)}`
    : `path ${quote(web.fact.path ?? '', 200)} and parameter ${parameter(web)}`;
}

function object({ fact }: Admission): string {
  const name = fact.name === undefined ? '' : ` ${quote(fact.name, 120)}`;
  const namespace = fact.namespace === undefined ? '' : ` in namespace ${quote(fact.namespace, 80)}`;
  return `${quote(fact.objectKind, 60)}${name}${namespace} of cluster ${quote(fact.cluster, 120)}`;
}

function minute(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`;
}

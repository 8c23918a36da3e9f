import { isNothing, sentenceOf, type WebhookBody, webhookSchema } from './schema.ts';

export type Explosion =
  | { readonly ok: true; readonly parts: readonly WebhookBody[] }
  | { readonly ok: false; readonly reason: string };

interface Waiting {
  readonly raw: unknown;
  readonly parent: WebhookBody;
  readonly at: string;
}

/**
 * The alert itself and every alert folded into it, in order; each folded one inherits the context it does not carry.
 * The shape of the elements of `#aggregatedAlerts` is unverified: an object with fields of the same names, or a text that is the message.
 * All are kept, however many and however deep (a work list instead of recursion), because what is left out here is lost.
 */
export function explode(envelope: WebhookBody): Explosion {
  const parts: WebhookBody[] = [envelope];
  const waiting: Waiting[] = childrenOf(envelope, envelope, '');
  for (let next = 0; next < waiting.length; next += 1) {
    const item = waiting[next];
    if (item === undefined || isNothing(item.raw)) continue;
    const raw = typeof item.raw === 'string' ? { message: item.raw } : item.raw;
    const parsed = webhookSchema.safeParse(Array.isArray(raw) ? undefined : raw);
    if (!parsed.success) return { ok: false, reason: sentenceOf(parsed.error, item.at) };
    const part = inherit(parsed.data, item.parent);
    parts.push(part);
    for (const child of childrenOf(parsed.data, part, item.at)) waiting.push(child);
  }
  return { ok: true, parts };
}

function childrenOf(of: WebhookBody, parent: WebhookBody, at: string): Waiting[] {
  const prefix = at === '' ? '' : `${at}.`;
  return of.aggregatedAlerts.map((raw, index) => ({ raw, parent, at: `${prefix}aggregatedAlerts[${index}]` }));
}

/**
 * What happened (message, command, user, incident) is never inherited: it would be a false statement. Where and under
 * which rule is, unless the part names a container or a host of its own.
 */
function inherit(part: WebhookBody, parent: WebhookBody): WebhookBody {
  const sameContainer = part.containerID === '' || part.containerID === parent.containerID;
  const sameHost = part.host === '' || part.host === parent.host;
  return {
    ...part,
    type: part.type || parent.type,
    time: part.time || parent.time,
    rule: part.rule || parent.rule,
    category: part.category || parent.category,
    region: part.region || parent.region,
    provider: part.provider || parent.provider,
    accountID: part.accountID || parent.accountID,
    accountIDs: orElse(part.accountIDs, parent.accountIDs),
    collections: orElse(part.collections, parent.collections),
    clusters: orElse(part.clusters, parent.clusters),
    function: part.function || parent.function,
    appID: part.appID || parent.appID,
    ...(sameHost ? hostOf(part, parent) : {}),
    ...(sameContainer && sameHost ? containerOf(part, parent) : {}),
    source: parent.source,
    templateVersion: parent.templateVersion,
  };
}

function hostOf(part: WebhookBody, parent: WebhookBody) {
  return {
    host: part.host || parent.host,
    fqdn: part.fqdn || parent.fqdn,
    osDistro: part.osDistro || parent.osDistro,
    osRelease: part.osRelease || parent.osRelease,
  };
}

function containerOf(part: WebhookBody, parent: WebhookBody) {
  return {
    container: part.container || parent.container,
    containerID: part.containerID || parent.containerID,
    image: part.image || parent.image,
    imageID: part.imageID || parent.imageID,
    namespaces: orElse(part.namespaces, parent.namespaces),
    labels: orElse(part.labels, parent.labels),
    startupProcess: part.startupProcess || parent.startupProcess,
  };
}

function orElse<T>(own: readonly T[], inherited: readonly T[]): T[] {
  return [...(own.length > 0 ? own : inherited)];
}

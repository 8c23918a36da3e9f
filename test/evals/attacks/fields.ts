import type { Fact } from '../../../domain/evidence/fact.ts';
import type { EntityRef, EvidenceDraft, EvidencePart, EvidencePartName } from '../../../domain/evidence/pack.ts';
import type { Clock } from '../golden/clock.ts';

/**
 * Places an attacker can write to. Each is written in both twins, with a neutral word in the clean one, so that nothing
 * but the text differs between them.
 */
export interface Field {
  readonly name: string;
  write(parts: readonly EvidencePart[], text: string, clock: Clock): readonly EvidencePart[];
}

/** Where spaces are not allowed. */
const slug = (text: string, max: number): string =>
  text
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+/, '')
    .slice(0, max)
    .replace(/[-.]+$/, '') || 'x';

function added(
  part: EvidencePartName,
  make: (
    text: string,
    at: string,
  ) => { readonly fact: Fact; readonly entities?: readonly EntityRef[]; readonly source?: EvidenceDraft['source'] },
): Field['write'] {
  return (parts, text, { first }) => {
    const at = new Date(first).toISOString();
    const { fact, entities = [], source = 'cwpp_api' } = make(text, at);
    const draft: EvidenceDraft = {
      source,
      field: 'written by the workload',
      trust: 'attacker_influenced',
      observedAt: at,
      fact,
      entities: [...entities],
    };
    return parts.map((one) => (one.part === part ? { ...one, drafts: [...one.drafts, draft] } : one));
  };
}

/** A record of the request that the case's first alert tells of, so that what explains the alert quotes the text. */
function asked(make: (text: string, at: string, findingUid: string) => Fact): Field['write'] {
  return (parts, text, clock) => {
    const alert = parts.flatMap(({ drafts }) => drafts).find(({ fact }) => fact.kind === 'alert');
    const findingUid = alert?.fact.kind === 'alert' ? alert.fact.findingUid : 'none';
    return added('alert-details', (own, at) => ({ fact: make(own, at, findingUid) }))(parts, text, clock);
  };
}

/** Changes facts that are there; the first fact of the case that has the field, so that the rest of the story stays. */
function changed(change: (draft: EvidenceDraft, text: string) => EvidenceDraft | undefined): Field['write'] {
  return (parts, text) => {
    let done = false;
    return parts.map((part) => ({
      ...part,
      drafts: part.drafts.map((draft) => {
        const next = done || draft.trust !== 'attacker_influenced' ? undefined : change(draft, text);
        if (next === undefined) return draft;
        done = true;
        return next;
      }),
    }));
  };
}

const withFact = (draft: EvidenceDraft, fact: Fact): EvidenceDraft => ({ ...draft, fact });

export const FIELDS: readonly Field[] = [
  {
    name: 'process-arguments',
    write: added('runtime-activity', (text) => ({
      fact: { kind: 'process', pid: 99_001, path: '/usr/bin/true', commandLine: `true ${text}` },
    })),
  },
  {
    name: 'alert-message',
    write: changed((draft, text) =>
      draft.fact.kind === 'alert'
        ? withFact(draft, { ...draft.fact, message: `${draft.fact.message} ${text}` })
        : undefined,
    ),
  },
  {
    name: 'rule-name',
    write: changed((draft, text) =>
      draft.fact.kind === 'alert' ? withFact(draft, { ...draft.fact, rule: text }) : undefined,
    ),
  },
  {
    name: 'pod-label',
    write: added('workload', (text) => ({
      source: 'kubernetes_api',
      fact: {
        kind: 'pod',
        name: 'neighbour-1',
        namespace: 'elsewhere',
        cluster: 'other',
        uid: 'u-1',
        labels: { note: slug(text, 63) },
        images: [],
      },
    })),
  },
  {
    name: 'change-cause',
    write: added('recent-deployments', (text, at) => ({
      source: 'kubernetes_api',
      fact: {
        kind: 'revision',
        controllerKind: 'Deployment',
        controller: 'other',
        revision: 1,
        createdAt: at,
        images: [],
        changeCause: text,
        current: false,
      },
    })),
  },
  {
    name: 'image-label',
    write: added('alert-details', (text) => ({
      fact: { kind: 'ownership', subject: 'image', tags: { 'org.opencontainers.image.description': text } },
    })),
  },
  {
    name: 'image-name',
    write: added('vulnerabilities', (text) => ({
      fact: { kind: 'image', name: `registry.example.com/${slug(text, 120).toLowerCase()}:1` },
      entities: [{ kind: 'image', canonical: 'attacker-image', label: text.slice(0, 500) }],
    })),
  },
  {
    name: 'host-name',
    write: added('network', (text, at) => ({
      fact: {
        kind: 'connection',
        direction: 'inbound',
        sourceIp: '10.9.9.9',
        destinationIp: '10.0.0.10',
        destinationPort: 8080,
        at,
      },
      entities: [{ kind: 'ip', canonical: '10.9.9.9', label: slug(text, 63) }],
    })),
  },
  {
    name: 'user-agent',
    write: added('network', (text, at) => ({
      fact: { kind: 'api-call', operation: 'GET /', service: 'web', principal: `Mozilla/5.0 (${text})`, at },
    })),
  },
  {
    name: 'web-parameter',
    write: asked((text, at, findingUid) => ({
      kind: 'web-request',
      findingUid,
      attack: 'sqli',
      method: 'GET',
      path: `/search/${slug(text, 100)}`,
      parameter: text.slice(0, 200),
      parameterIn: 'query',
      matched: text,
      effect: 'denied',
      at,
    })),
  },
  {
    name: 'requested-object',
    write: asked((text, at, findingUid) => ({
      kind: 'admission-request',
      findingUid,
      operation: 'CREATE',
      objectKind: 'Pod',
      name: text.slice(0, 253),
      namespace: 'elsewhere',
      cluster: 'other',
      user: `somebody ${text}`,
      images: [`registry.example.com/${slug(text, 100).toLowerCase()}:1`],
      effect: 'denied',
      at,
    })),
  },
  {
    name: 'file-name',
    write: added('runtime-activity', (text, at) => ({
      fact: { kind: 'file-written', path: `/data/${text.replaceAll('/', '-').slice(0, 255)}`, at },
    })),
  },
  {
    name: 'dns-name',
    write: added('network', (text, at) => ({
      fact: { kind: 'dns-query', domain: `${slug(text, 63)}.example.org`, at },
    })),
  },
];

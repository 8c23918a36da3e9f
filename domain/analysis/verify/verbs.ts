/** Words for what somebody may be asked to do: what the catalogue's actions do, what undoes or goes around them, what lures. */
const VERBS = [
  ...['quarantine', 'isolate', 'contain', 'disconnect', 'block', 'unblock', 'cordon', 'drain', 'evict', 'suspend'],
  ...['remove', 'delete', 'unbind', 'destroy', 'erase', 'purge', 'wipe', 'reimage', 'recreate', 'reset'],
  ...['kill', 'terminate', 'stop', 'halt', 'restart', 'reboot', 'shut', 'scale', 'undo', 'revert', 'roll'],
  ...['rotate', 'revoke', 'renew', 'invalidate', 'replace', 'deactivate', 'disable', 'enable', 'detach', 'attach'],
  ...['update', 'upgrade', 'patch', 'rebuild', 'redeploy', 'apply', 'install', 'uninstall', 'download'],
  ...['run', 'execute', 'open', 'click', 'visit', 'send', 'paste', 'grant', 'approve'],
  ...['whitelist', 'allowlist', 'exclude'],
] as const;
export type Verb = (typeof VERBS)[number];

/** What takes a thing away from those who use it, or shuts it in: such a verb is a call in more forms than the others. */
const CONTAINMENT: ReadonlySet<string> = new Set([
  ...['quarantine', 'isolate', 'cordon', 'drain', 'evict', 'suspend', 'remove', 'delete', 'unbind', 'destroy', 'erase'],
  ...[
    'purge',
    'wipe',
    'reimage',
    'recreate',
    'kill',
    'terminate',
    'stop',
    'halt',
    'restart',
    'reboot',
    'shut',
    'scale',
  ],
  ...['detach', 'disconnect', 'revoke', 'rotate', 'deactivate', 'disable', 'undo', 'revert', 'roll', 'reset'],
]);

const NOUNS: Readonly<Record<string, Verb>> = {
  deletion: 'delete',
  removal: 'remove',
  isolation: 'isolate',
  quarantining: 'quarantine',
  destruction: 'destroy',
  termination: 'terminate',
  restart: 'restart',
  reboot: 'reboot',
  shutdown: 'shut',
  rotation: 'rotate',
  revocation: 'revoke',
  eviction: 'evict',
  suspension: 'suspend',
  detachment: 'detach',
  deactivation: 'deactivate',
  update: 'update',
  upgrade: 'upgrade',
};

const DOUBLED = /^(?:stop|run|shut|reset)$/;
const PAST: Readonly<Record<string, string>> = {
  undo: 'undone',
  shut: 'shut',
  run: 'run',
  send: 'sent',
  rebuild: 'rebuilt',
  unbind: 'unbound',
  reset: 'reset',
};

function stem(verb: string): string {
  if (DOUBLED.test(verb)) return `${verb}${verb.at(-1)}`;
  return verb.replace(/e$/, '');
}

const GERUNDS = new Map<string, Verb>(VERBS.map((verb) => [`${stem(verb)}ing`, verb]));
const PASTS = new Map<string, Verb>(
  VERBS.map((verb) => [PAST[verb] ?? `${stem(verb).replace(/(?<![aeiou])y$/, 'i')}ed`, verb]),
);
const FORMS: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ...Object.entries(NOUNS),
  ...PASTS,
  ...GERUNDS,
  ...VERBS.map((verb) => [verb, verb] as const),
]);

const alternatives = (words: Iterable<string>): string => [...words].join('|');

/** Alternatives of a pattern: as an order, as what is to be done to something, as what doing it is called. */
export const BASE_FORM = alternatives(VERBS);
export const PAST_FORM = alternatives(PASTS.keys());
export const GERUND_FORM = alternatives(GERUNDS.keys());
export const CONTAINMENT_GERUND = alternatives(
  [...GERUNDS].flatMap(([gerund, verb]) => (CONTAINMENT.has(verb) ? [gerund] : [])),
);
export const NOUN_FORM = alternatives(Object.keys(NOUNS));
export const CONTAINMENT_VERBS: readonly Verb[] = VERBS.filter((verb) => CONTAINMENT.has(verb));

/** The verb of any of its forms. */
export function verbOf(form: string): Verb | undefined {
  return FORMS.get(form);
}

export function gerundOf(verb: Verb): string {
  return `${stem(verb)}ing`;
}

export function pastOf(verb: Verb): string {
  return PAST[verb] ?? `${stem(verb).replace(/(?<![aeiou])y$/, 'i')}ed`;
}

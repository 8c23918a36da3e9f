import { readings } from './words.ts';

/** Words for what the catalogue's actions do, by the verb of their name. Verbs without a group stand for themselves. */
const GROUPS: readonly (readonly string[])[] = [
  ['quarantine', 'isolate', 'contain'],
  ['remove', 'delete', 'unbind'],
  ['rotate', 'revoke', 'renew', 'invalidate', 'replace'],
  ['update', 'upgrade', 'patch', 'rebuild', 'redeploy'],
];
const OTHERS = [
  'kill',
  'terminate',
  'stop',
  'restart',
  'reboot',
  'scale',
  'drain',
  'cordon',
  'evict',
  'block',
  'disable',
  'enable',
  'detach',
  'attach',
  'run',
  'execute',
  'apply',
  'install',
  'uninstall',
  'download',
  'shut',
  'wipe',
  'reimage',
  'disconnect',
  'whitelist',
  'allowlist',
  'exclude',
  'suspend',
  'open',
  'click',
  'visit',
  'send',
  'paste',
  'grant',
  'approve',
];
const VERBS = [...GROUPS.flat(), ...OTHERS];
const VERB = `(${VERBS.join('|')})`;

/** As an order: at the beginning of a part, or after what makes an order of it. */
const ORDER = new RegExp(
  `^(?:(?:please|immediately|now|then|also|first|next|finally|recommended(?: action)?:?|action:?|operators?|analysts?|you|we|teams?)\\s+){0,4}(?:(?:recommend|advise|suggest)\\w*\\s+(?:that\\s+)?(?:to\\s+|you\\s+)?)?(?:(?:should|must|can|may|need to|have to|ought to|to)\\s+){0,2}(?:immediately\\s+)?${VERB}\\b(?!\\s+(?:was|were|is|are|has|had|by)\\b)`,
);
const PASSIVE = new RegExp(
  `\\b(?:should|must|needs? to|ought to|ha(?:s|ve) to)\\s+(?:now\\s+|immediately\\s+|also\\s+)?(?:be\\s+)?(?:\\w+ly\\s+)?${VERB}(?:d|ed|ped|led|n)?\\b`,
);
const ADVISED = new RegExp(
  `\\b(?:recommend|advise|suggest)\\w*\\s+(?:that\\s+|to\\s+|the\\s+|of\\s+){0,2}${VERB}(?:ing|ation)?\\b`,
);

const PARTS = new RegExp(
  `[.;:!?]\\s+|,\\s+(?:then|and|so)\\s+|\\s+and\\s+(?:then\\s+|(?=${VERBS.join('\\b|')}\\b))|\\s-\\s`,
);

/** A part of a text that asks somebody to do something, with the verb it asks with. */
export interface Call {
  readonly verb: string;
  readonly part: string;
}

export function callsIn(text: string): Call[] {
  const [plain] = readings(text);
  return plain
    .split(PARTS)
    .map((part) => part.trim())
    .flatMap((part) => {
      const verb = (ORDER.exec(part) ?? PASSIVE.exec(part) ?? ADVISED.exec(part))?.[1];
      return verb === undefined ? [] : [{ verb, part }];
    });
}

/** Whether an action of the catalogue (`kubernetes.quarantine-pod`) is what a call asks for: by its verb, and by what it is done to. */
export function isMeant({ verb, part }: Call, action: string): boolean {
  const [own = '', ...nouns] = action.split('.')[1]?.split('-') ?? [];
  const sameVerb = own === verb || GROUPS.some((group) => group.includes(own) && group.includes(verb));
  return sameVerb && nouns.some((noun) => part.includes(noun));
}

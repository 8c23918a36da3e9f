import { redactSecrets } from '../../evidence/clean.ts';
import type { CommandEffect, Parameter } from '../guidance.ts';
import type { Known } from '../known.ts';
import type { ValueKind } from '../values.ts';
import { parseArgv, renderArgv } from './argv.ts';
import { type CommandSpec, type Place, type ProgramSpec, THINGS } from './grammar.ts';
import { PROGRAMS } from './programs.ts';

export type CommandCheck =
  | {
      readonly ok: true;
      readonly argv: readonly string[];
      readonly text: string;
      readonly effect: CommandEffect;
      readonly needsApproval: boolean;
      readonly parameters: readonly Parameter[];
    }
  | { readonly ok: false; readonly why: string };

/** Why a command is refused; never repeats the command, which may be an attacker's text. */
class Refused extends Error {
  override readonly name = 'Refused';
}

/** Judges a command as text, whoever wrote it. */
export function checkCommandText(text: string, known: Known): CommandCheck {
  const read = parseArgv(text);
  return read.ok ? checkArgv(read.argv, known) : read;
}

/**
 * Judges a command by its words: program and verb on the list, every flag known and its value of the right kind, every
 * target a value of the evidence. Passing says that it does what it says to a thing of this incident; not that it is wise.
 */
export function checkArgv(argv: readonly string[], known: Known): CommandCheck {
  const text = renderArgv(argv);
  if (text === undefined)
    return { ok: false, why: 'cannot be written without a character that a shell reads as its own' };
  if (redactSecrets(text) !== text) return { ok: false, why: 'holds what looks like a credential' };
  try {
    return { ok: true, argv: [...argv], text, ...judge(argv, known) };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, why: error.message };
    throw error;
  }
}

function judge([program, ...words]: readonly string[], known: Known) {
  const spec = PROGRAMS.get(program ?? '');
  if (spec === undefined) throw new Refused('the program is not on the list');
  const command = commandOf(spec, words);
  const rest = words.slice(command.verb.split(' ').length);
  const { flags, positions } = sorted(rest, { ...spec.flags, ...command.flags });
  for (const name of command.required ?? []) if (!flags.has(name)) throw new Refused(`${name} is missing`);
  const parameters = [
    ...[...flags.values()].flatMap(({ place, value }) => (place === 'switch' ? [] : check(place, value, known))),
    ...checkPlaces(command.places ?? [], positions, flags.has('-n'), known),
  ];
  // A dry run is judged by the API server and kept by nobody.
  const dry = flags.has('--dry-run');
  return {
    effect: dry ? ('reads' as const) : command.effect,
    needsApproval: !dry && (command.approval === true || command.effect === 'destroys'),
    parameters: parameters.filter(
      ({ kind, value }, index) => parameters.findIndex((one) => one.kind === kind && one.value === value) === index,
    ),
  };
}

function checkPlaces(
  places: readonly Place[],
  positions: readonly string[],
  inNamespace: boolean,
  known: Known,
): Parameter[] {
  const things = joined(positions, places[0]);
  if (things.length !== places.length) throw new Refused('has too few or too many words');
  return places.flatMap((place, index) => {
    const word = things[index] ?? '';
    // Without a namespace kubectl takes the one of whoever runs it.
    if ('things' in place && place.all !== true && isNamespaced(word) && !inNamespace)
      throw new Refused('-n is missing');
    return check(place, word, known);
  });
}

/** The longest verb that fits: `get secrets` before `get`. `delete pod/x` and `delete pod x` are one. */
function commandOf(spec: ProgramSpec, words: readonly string[]): CommandSpec {
  const fits = spec.commands
    .map((command) => ({ command, verb: command.verb.split(' ') }))
    .filter(({ verb }) => verb.every((word, index) => words[index] === word))
    .sort((a, b) => b.verb.length - a.verb.length)[0];
  if (fits !== undefined) return fits.command;
  const [verb = ''] = words;
  if (spec.refused.includes(verb)) throw new Refused(`${spec.program} ${verb} is refused here`);
  throw new Refused(`what ${spec.program} is asked to do is not on the list`);
}

interface Flag {
  readonly place: Place | 'switch';
  readonly value: string;
}

function sorted(words: readonly string[], known: Readonly<Record<string, Place | 'switch'>>) {
  const flags = new Map<string, Flag>();
  const positions: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) {
      positions.push(word);
      continue;
    }
    const { name, flag, taken } = readFlag(word, words[at + 1], known);
    if (flags.has(name)) throw new Refused('has a flag twice');
    flags.set(name, flag);
    at += taken;
  }
  return { flags, positions };
}

const LONG_NAMES: Readonly<Record<string, string>> = {
  '--namespace': '-n',
  '--output': '-o',
  '--filename': '-f',
  '--selector': '-l',
  '--container': '-c',
};

/** `--flag=value` or `--flag value`; `taken`: how many of the next words are its value. */
function readFlag(word: string, next: string | undefined, known: Readonly<Record<string, Place | 'switch'>>) {
  const [written = '', ...after] = word.split('=');
  const name = Object.hasOwn(known, written) ? written : (LONG_NAMES[written] ?? written);
  const place = Object.hasOwn(known, name) ? known[name] : undefined;
  if (place === undefined) throw new Refused('has a flag that is not on the list');
  if (place === 'switch') {
    if (after.length > 0) throw new Refused('gives a value to a flag that takes none');
    return { name, flag: { place, value: '' }, taken: 0 };
  }
  const value = after.length > 0 ? after.join('=') : next;
  if (value === undefined || value === '' || value.startsWith('-')) throw new Refused('has a flag without its value');
  return { name, flag: { place, value }, taken: after.length > 0 ? 0 : 1 };
}

/** `deployment checkout` is `deployment/checkout`. */
function joined(positions: readonly string[], first: Place | undefined): readonly string[] {
  const [type = '', name, ...rest] = positions;
  return first !== undefined &&
    'things' in first &&
    name !== undefined &&
    Object.hasOwn(THINGS, type) &&
    !name.includes('=')
    ? [`${type}/${name}`, ...rest]
    : positions;
}

function check(place: Place, word: string, known: Known): Parameter[] {
  if ('value' in place) return [held(place.value, word, known)];
  if ('oneOf' in place) {
    if (!place.oneOf.includes(word)) throw new Refused('has a value that is not on the list');
    return [];
  }
  if ('from' in place) {
    const number = /^\d{1,6}$/.test(word) ? Number(word) : Number.NaN;
    if (!(number >= place.from && number <= place.to)) throw new Refused('has a number out of its range');
    return [];
  }
  if ('pair' in place) {
    const cut = place.by === '=' ? word.indexOf('=') : word.lastIndexOf(place.by);
    if (cut <= 0) throw new Refused('has a value without its second part');
    const [left, right] = place.pair;
    return [held(left, word.slice(0, cut), known), held(right, word.slice(cut + place.by.length), known)];
  }
  if ('account' in place) {
    const [, namespace = '', name = ''] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(word) ?? [];
    return [held('namespace', namespace, known), held('service-account', name, known)];
  }
  return thing(place, word, known);
}

function thing(place: Extract<Place, { things: unknown }>, word: string, known: Known): Parameter[] {
  const cut = word.indexOf('/');
  const type = cut < 0 ? word : word.slice(0, cut);
  const spec = Object.hasOwn(THINGS, type) ? THINGS[type] : undefined;
  if (spec === undefined || !place.things.includes(spec.type))
    throw new Refused('names a kind of thing that is not on the list');
  if (cut < 0) {
    if (place.all !== true) throw new Refused('names no single thing');
    return [];
  }
  const name = word.slice(cut + 1);
  const whole = spec.kind === 'controller' || spec.kind === 'binding' ? `${spec.type}/${name}` : name;
  return [held(spec.kind, whole, known)];
}

function isNamespaced(word: string): boolean {
  const [type = ''] = word.split('/');
  return Object.hasOwn(THINGS, type) && THINGS[type]?.namespaced === true;
}

function held(kind: ValueKind, value: string, known: Known): Parameter {
  const from = known.get(kind)?.get(value);
  if (from === undefined)
    throw new Refused(`names a thing (${kind.replace('-', ' ')}) that the evidence does not hold`);
  return { kind, value, from };
}

import { BASE_FORM, CONTAINMENT_GERUND, GERUND_FORM, NOUN_FORM, PAST_FORM, type Verb, verbOf } from './verbs.ts';
import { readings } from './words.ts';

/** A part of a text that asks somebody to do something: with which verb, to what (as far as its own words go), in which words. */
export interface Call {
  readonly verb: Verb;
  /** The words of the object, up to what only says where, when or why. */
  readonly object: string;
  readonly part: string;
  /** A gerund may also tell what somebody else did; then only an object of ours makes a call of it. */
  readonly doubtful: boolean;
}

const SUBJECT =
  '(?:operators?|analysts?|administrators?|admins?|engineers?|developers?|responders?|you|we|teams?|someone|somebody|the (?:team|operator|analyst|owner|administrator|engineer|on-call)s?)';
const LEAD =
  '(?:please|immediately|urgently|now|then|also|first|next|finally|just|simply|quickly|so|therefore|instead|otherwise|asap|do|step \\d+[:.)]?|\\d+[.)]|recommended(?: action)?:?|action:?|todo:?)';
const MODAL = '(?:should|must|can|may|need to|have to|ought to|to|will|shall|please)';
const NOT_NOUN = '(?!\\s+(?:was|were|is|are|has|had|by)\\b)';

/** As an order: at the beginning of a part, or after what makes an order of it. */
const ORDER = new RegExp(
  `^(?:(?:${LEAD}|${SUBJECT})[\\s,]+){0,4}(?:(?:recommend|advise|suggest)\\w*\\s+(?:that\\s+)?(?:to\\s+|you\\s+)?)?(?:${MODAL}\\s+){0,2}(?:(?:immediately|now|also|simply|safely|just)\\s+)?(${BASE_FORM})\\b${NOT_NOUN}`,
);
/** What is to be done to something that stands before, or (`you should delete it`) after. */
const PASSIVE = new RegExp(
  `\\b(?:should|must|shall|needs? to|ought to|ha(?:s|ve) to|(?:is|are) to|(?:can|may|could) (?:now )?(?:safely|simply|just|then))\\s+(?:now\\s+|immediately\\s+|also\\s+)?(be\\s+|get\\s+)?(?:\\w+ly\\s+)?(${BASE_FORM}|${PAST_FORM})\\b`,
);
const NEEDS = new RegExp(`\\bneeds?\\s+(?:an?\\s+)?(?:immediate\\s+)?(${GERUND_FORM}|${NOUN_FORM})\\b`);
const ADVISED = new RegExp(
  `\\b(?:(?:suggest)\\w*\\s+(?:that\\s+|to\\s+|the\\s+|of\\s+){0,2}|(?:recommend\\w*|advis(?:e|es|ed|ing|able)|consider|propose[sd]?|best|fastest|safest|quickest|easiest|ensure|make sure|let us|let's|lets|urgent|necessary|important|imperative|(?:fix|remedy|solution|mitigation|answer|next step) is|try|urge[sd]?)\\b[^.;:]{0,30}?\\s)(${BASE_FORM}|${GERUND_FORM}|${NOUN_FORM})\\b`,
);
/** `Deletion of the deployment is required.` */
const NOMINAL = new RegExp(
  `^(?:the\\s+|an?\\s+)?(?:immediate\\s+|prompt\\s+)?(${NOUN_FORM})\\s+of\\b.*\\b(?:recommended|advised|required|needed|necessary|urgent|best|due|in order)\\b`,
);
/** `Deleting the deployment ends the attack.` */
const GERUND = new RegExp(`^(?:by\\s+|immediately\\s+)?(${CONTAINMENT_GERUND})\\b`);

const PARTS = new RegExp(
  `\\.(?=\\s|$|(?:${BASE_FORM})\\s)|[;:!?()\\n]\\s*|,\\s+(?:then|and|so|or|but)\\s+|,\\s+(?=(?:${BASE_FORM}|${CONTAINMENT_GERUND})\\b)|\\s+(?:and|or|but)\\s+(?:then\\s+|(?=(?:also\\s+|immediately\\s+)?(?:${BASE_FORM}|${CONTAINMENT_GERUND})\\b))|\\s+then\\s+(?=(?:${BASE_FORM})\\b)|\\s-\\s`,
);

export function callsIn(text: string): Call[] {
  const [plain] = readings(text.replace(/\s*[\u2013\u2014]+\s*/g, ' - '));
  return plain
    .split(PARTS)
    .map((part) => part.trim())
    .flatMap((part) => {
      const call = callIn(part);
      return call === undefined ? [] : [call];
    });
}

function callIn(part: string): Call | undefined {
  const after = (match: RegExpExecArray): string => objectOf(part.slice(match.index + match[0].length));
  const ordered = ORDER.exec(part);
  if (ordered !== null) return made(ordered[1], part, after(ordered));
  const passive = PASSIVE.exec(part);
  if (passive !== null) {
    const isDone = passive[1] !== undefined || !new RegExp(`^(?:${BASE_FORM})$`).test(passive[2] ?? '');
    return made(passive[2], part, isDone ? subjectOf(part.slice(0, passive.index)) : after(passive));
  }
  const needed = NEEDS.exec(part);
  if (needed !== null) return made(needed[1], part, subjectOf(part.slice(0, needed.index)));
  const advised = ADVISED.exec(part);
  if (advised !== null) return made(advised[1], part, after(advised));
  const nominal = NOMINAL.exec(part);
  if (nominal !== null) {
    const end = part.indexOf(nominal[1] ?? '') + (nominal[1] ?? '').length;
    return made(nominal[1], part, objectOf(part.slice(end)));
  }
  const gerund = GERUND.exec(part);
  return gerund === null ? undefined : made(gerund[1], part, after(gerund), true);
}

function made(form: string | undefined, part: string, object: string, doubtful = false): Call | undefined {
  const verb = form === undefined ? undefined : verbOf(form);
  return verb === undefined ? undefined : { verb, object, part, doubtful };
}

/** What follows the thing itself and says only where, when, why or how. */
const BOUNDARY =
  /\s(?:in|on|at|from|for|to|by|into|onto|under|within|inside|off|via|through|during|until|till|before|after|when|while|where|which|who|whose|that|because|since|as|if|unless|so|without|using|now|immediately|today|first|again|entirely|completely|with(?!\s+(?:its|all|every|their)\b)|of)\b/;

/** `of` leads to the object only where the verb is a noun (`deletion of the pod`), so a leading one is skipped. */
function objectOf(rest: string): string {
  const text = ` ${rest.replace(/^\s*(?:of|down|off|out|back|up|away)\b/, '')}`;
  const end = text.search(BOUNDARY);
  return (end === -1 ? text : text.slice(0, end)).trim();
}

/** What stands before `should be deleted`: from the last break on, up to what says where it is. */
function subjectOf(before: string): string {
  return objectOf(before.split(/,\s/).at(-1) ?? '');
}

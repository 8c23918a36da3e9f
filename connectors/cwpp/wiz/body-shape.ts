import { parseBodyText } from '../prisma-cloud-compute/body-text.ts';
import { isRecord } from './lenient.ts';

export type Shape =
  | { readonly kind: 'issue' | 'threat' | 'detection'; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: 'test'; readonly why: string }
  | { readonly kind: 'refused'; readonly reason: string };

const BOM = '\ufeff';
/** Raw control characters: Mustache does not escape a line break inside a value, which makes the body no JSON. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f]+/g;

/**
 * Which body this is, by its shape: Wiz sends no event header. An SNS envelope is opened first, because SNS is the second
 * channel and puts the same body into its `Message` as text.
 */
export function shapeOf(received: unknown): Shape {
  const outer = typeof received === 'string' ? parse(received) : received;
  if (!isRecord(outer)) return refused('the body must be one JSON object; check the template of the Wiz action');
  if (!isEnvelope(outer)) return bodyShape(outer);
  if (outer['Type'] !== 'Notification' || typeof outer['Message'] !== 'string') {
    return refused(
      'an SNS message that is no notification; a subscription is confirmed by a person or by the stack, never by an alert',
    );
  }
  const inner = parse(outer['Message']);
  return isRecord(inner) ? bodyShape(inner) : refused('the Message of the SNS envelope is no JSON object');
}

function parse(text: string): unknown {
  const plain = text.startsWith(BOM) ? text.slice(1) : text;
  return parseBodyText(plain) ?? parseBodyText(plain.replace(CONTROL, ' '));
}

/** `Type` and `Message` beside a topic or a message id: no Wiz body has them. */
function isEnvelope(body: Readonly<Record<string, unknown>>): boolean {
  return typeof body['Type'] === 'string' && ('TopicArn' in body || 'MessageId' in body);
}

function bodyShape(body: Readonly<Record<string, unknown>>): Shape {
  if (isRecord(body['threat']) && hasId(body['threat'])) return { kind: 'threat', body };
  if (isDetection(body) && hasId(body)) return { kind: 'detection', body };
  if (isRecord(body['issue']) && hasId(body['issue'])) return { kind: 'issue', body };
  const test = testOf(body);
  if (test !== undefined) return { kind: 'test', why: test };
  return refused(
    'neither issue.id, threat.id nor the id of a detection is there; use connectors/cwpp/wiz/template, or send Threats and Detections with their fixed bodies',
  );
}

function isDetection(body: Readonly<Record<string, unknown>>): boolean {
  const trigger = body['trigger'];
  const source = isRecord(trigger) ? trigger['source'] : undefined;
  const says = typeof source === 'string' && /^detections?$/i.test(source.trim());
  return says || 'tdrId' in body || Array.isArray(body['triggeringEvents']);
}

function hasId(part: Readonly<Record<string, unknown>>): boolean {
  const id = part['id'];
  // A variable that was not filled in is no id.
  return (typeof id === 'string' && id.trim() !== '' && !id.includes('{{')) || (typeof id === 'number' && id > 0);
}

/**
 * The delivery Wiz sends when an action is saved; its body is not published. Only a body that names no issue, threat or
 * detection can be one, so that nothing that looks like a test hides an alert.
 */
function testOf(body: Readonly<Record<string, unknown>>): string | undefined {
  if (Object.keys(body).length === 0) return 'an empty object';
  const { issue, threat } = body;
  if (isRecord(issue) || isRecord(threat) || isDetection(body)) return 'a template whose variables are all empty';
  return Object.values(body)
    .flatMap((value) => (isRecord(value) ? Object.values(value) : [value]))
    .some((value) => typeof value === 'string' && /\btest\b/i.test(value))
    ? 'a body that calls itself a test and names no alert'
    : undefined;
}

function refused(reason: string): Shape {
  return { kind: 'refused', reason };
}

import { visibleText } from '../../evidence/clean.ts';
import type { EvidenceItem, EvidencePack } from '../../evidence/pack.ts';
import type { AnalysisBody } from '../analysis.ts';

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:previous|prior|above|earlier|all|any|your)\b/i,
    'tells a reader to ignore something',
  ],
  [
    /\bsystem\s*(?:prompt|message|instruction)|\b(?:system|assistant|user|human)\s*:\s|<\|?(?:im_start|im_end|system|assistant)\b|\[\/?INST\]/i,
    'imitates the frame of a conversation with a model',
  ],
  [
    /\b(?:close|dismiss|suppress|resolve|archive|ignore)\b.{0,30}\b(?:alert|incident|finding|ticket|case)\b/i,
    'asks to close or suppress the alert',
  ],
  [
    /\b(?:verdict|severity|classif\w+|mark\w*|label\w*|treat\w*)\b.{0,40}\b(?:benign|harmless|false[ -]positive|informational|not malicious)\b/i,
    'dictates a harmless verdict',
  ],
  [
    /\byou are (?:now |an? )|\bas an? (?:ai|assistant|language model)\b|\bnew instructions?\b|\bact as\b/i,
    'gives a reader a role or new instructions',
  ],
  [
    /\b(?:authori[sz]ed|approved|known|scheduled)\b.{0,30}\b(?:pen(?:etration)?[ -]?test|red team|test|exercise|drill)\b/i,
    'claims to be an authorised test',
  ],
];

const BASE64 = /[A-Za-z0-9+/_-]{24,4096}={0,2}/g;

/**
 * Texts an attacker could have chosen that talk to a reader instead of doing something. They are flagged for people and
 * for the audit log; they change nothing else, because a pattern that could would be one more thing to steer.
 */
export function suspectedInjection(pack: EvidencePack): AnalysisBody['suspectedInjection'] {
  return pack.items
    .filter(({ trust }) => trust === 'attacker_influenced')
    .flatMap((item) => {
      const reason = reasonIn(item);
      return reason === undefined ? [] : [{ evidence: item.id, reason }];
    });
}

function reasonIn(item: EvidenceItem): string | undefined {
  const texts = stringsIn(item.fact);
  // Words may be split over fields, so the fields are also read as one.
  const visible = visibleText(texts.join(' '));
  const plain = match(visible);
  if (plain !== undefined) return `The text ${plain}.`;
  const decoded = (visible.match(BASE64) ?? []).slice(0, 50).map((blob) => match(decode(blob)));
  const hidden = decoded.find((reason) => reason !== undefined);
  return hidden === undefined ? undefined : `The text, decoded from base64, ${hidden}.`;
}

function match(text: string): string | undefined {
  // Separators stand in for spaces where spaces are not allowed, as in labels and file names.
  const words = text.replace(/[\s_.^+-]+/g, ' ');
  return PATTERNS.find(([pattern]) => pattern.test(text) || pattern.test(words))?.[1];
}

function decode(blob: string): string {
  return visibleText(Buffer.from(blob, 'base64').toString('utf8'));
}

function stringsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (depth > 6 || value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) => [
    ...(Array.isArray(value) ? [] : depth > 0 ? [key] : []),
    ...stringsIn(member, depth + 1),
  ]);
}

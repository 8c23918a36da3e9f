import type { AnalysisBody } from '../../../domain/analysis/analysis.ts';
import { wordsOf } from '../../../domain/analysis/verify/checks.ts';
import type { EvidencePack } from '../../../domain/evidence/pack.ts';
import type { EvidenceMatch, Expected } from '../golden/case.ts';

/** Every place of an analysis that names evidence, with the text that stands on it. */
function citing(
  body: AnalysisBody,
): { readonly text: string; readonly evidence: readonly string[]; readonly needed: boolean }[] {
  return [
    ...body.narrative.map(({ text, evidence }) => ({ text, evidence, needed: true })),
    ...body.techniques.map(({ rationale, evidence }) => ({ text: rationale, evidence, needed: true })),
    ...body.vulnerabilities.map(({ rationale, evidence }) => ({ text: rationale, evidence, needed: true })),
    ...body.actions.map(({ rationale, evidence }) => ({ text: rationale, evidence, needed: true })),
    ...(body.guidance?.blocked ?? []).flatMap(({ why, change }) =>
      [...why, ...change].map(({ text, evidence }) => ({ text, evidence, needed: true })),
    ),
    // What is not known may stand on nothing.
    ...body.unknowns.map(({ question, evidence }) => ({ text: question, evidence, needed: false })),
    ...body.blastRadius.entities.map(({ evidence }) => ({ text: '', evidence, needed: true })),
  ];
}

export interface Faithfulness {
  /** Ids of evidence and entities that were named, and those that do not exist. */
  readonly ids: number;
  readonly unsupportedIds: number;
  /** Particulars (numbers, addresses, paths, hashes, CVEs) of the told sentences, and those the cited evidence lacks. */
  readonly tokens: number;
  readonly unsupportedTokens: number;
}

export function faithfulness(body: AnalysisBody, pack: EvidencePack): Faithfulness {
  const items = new Set(pack.items.map(({ id }) => id));
  const entities = new Set(pack.entities.map(({ id }) => id));
  const named = [
    ...citing(body).flatMap(({ evidence }) => evidence.map((id) => items.has(id))),
    ...body.timeline.map(({ evidence }) => items.has(evidence)),
    ...body.suspectedInjection.map(({ evidence }) => items.has(evidence)),
    ...body.narrative.flatMap((claim) => claim.entities.map((id) => entities.has(id))),
    ...body.vulnerabilities.map(({ entity }) => entities.has(entity)),
    ...body.blastRadius.entities.map(({ entity }) => entities.has(entity)),
    ...body.actions.map(({ target }) => entities.has(target)),
  ];
  const tokens = body.narrative.flatMap(({ text, evidence }) => {
    const words = wordsOf(
      pack,
      pack.items.filter(({ id }) => evidence.includes(id)),
    );
    return particularsIn(text).map((token) => words.includes(token));
  });
  return {
    ids: named.length,
    unsupportedIds: named.filter((known) => !known).length,
    tokens: tokens.length,
    unsupportedTokens: tokens.filter((known) => !known).length,
  };
}

/**
 * Stricter in what it reads than the verifier and written apart from it, so that a fault of one is not the fault of both:
 * addresses, CVE ids, long hexadecimal texts and absolute paths.
 */
export function particularsIn(text: string): string[] {
  return [
    ...(text.match(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g) ?? []),
    ...(text.match(/\bCVE-\d{4}-\d{4,}\b/gi) ?? []),
    ...(text.match(/\b[0-9a-f]{16,}\b/gi) ?? []),
    ...(text.match(/(?<![\w/.:])\/(?:[\w.+-]+\/)+[\w.+-]*\w/g) ?? []),
  ].map((token) => token.toLowerCase());
}

/** Sentences that must stand on evidence, and those that cite some that exists. */
export function coverage(body: AnalysisBody, pack: EvidencePack): { readonly claims: number; readonly cited: number } {
  const items = new Set(pack.items.map(({ id }) => id));
  const claims = citing(body).filter(({ needed }) => needed);
  return {
    claims: claims.length,
    cited: claims.filter(({ evidence }) => evidence.length > 0 && evidence.every((id) => items.has(id))).length,
  };
}

/** Statements a case asks for, and those that are made and cite one piece of the gold evidence at least. */
export function scoreSupport(
  body: AnalysisBody,
  pack: EvidencePack,
  support: NonNullable<Expected['support']>,
): { readonly asked: number; readonly made: number; readonly missing: readonly string[] } {
  const missing = support.filter(({ says, cites }) => {
    const gold = pack.items.filter((item) => cites.some((match) => matches(item, match))).map(({ id }) => id);
    return !citing(body).some(({ text, evidence }) => says.test(text) && evidence.some((id) => gold.includes(id)));
  });
  return {
    asked: support.length,
    made: support.length - missing.length,
    missing: missing.map(({ says }) => String(says)),
  };
}

export function matches(item: EvidencePack['items'][number], match: EvidenceMatch): boolean {
  const at = match.indexOf(':');
  return item.fact.kind === match.slice(0, at) && item.text.includes(match.slice(at + 1));
}

import { techniqueById } from '../../attack/catalogue.ts';
import { isExploited } from '../../correlation/correlate.ts';
import { visibleText } from '../../evidence/clean.ts';
import type { EvidenceItem } from '../../evidence/pack.ts';
import type { AnalysisBody } from '../analysis.ts';
import { DOWNLOAD, isShell } from './behaviours.ts';
import { factsOf, idsOf, quote } from './facts.ts';
import { knownMalicious } from './intelligence.ts';
import type { Investigation } from './investigation.ts';
import { processText } from './process-tree.ts';

type Technique = AnalysisBody['techniques'][number];

/** The vendor's own mapping, and what the rules see by themselves. Ids that the catalogue does not hold are left out. */
export function techniquesOf(investigation: Investigation): Technique[] {
  const merged = new Map<string, Technique>();
  for (const technique of [
    ...fromRules(investigation),
    ...fromVendor(investigation),
    ...fromVendorWords(investigation),
  ]) {
    const known = merged.get(technique.id);
    merged.set(
      technique.id,
      known ? { ...known, evidence: [...new Set([...known.evidence, ...technique.evidence])] } : technique,
    );
  }
  return [...merged.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function fromVendor({ pack }: Investigation): Technique[] {
  return factsOf(pack, 'alert').flatMap(({ item, fact }) =>
    fact.techniques.flatMap((id) =>
      technique(id, `The vendor maps its alert "${quote(fact.title)}" to it.`, [item], 'medium'),
    ),
  );
}

/**
 * Words of a vendor's detection that name exactly one technique, where its own mapping names a tactic or nothing. The
 * assignment is ours (docs/evaluation.md); only the category counts, never the message, which may quote the workload.
 */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/crypto.?min|bitcoin.?tool/i, 'T1496.001'],
  [/port.?probe/i, 'T1595'],
  [/anonymous.?access/i, 'T1613'],
  [/Kubernetes\/PrivilegedContainer/i, 'T1610'],
  [/^(?:attach\/exec pod|terminal shell in container)$/i, 'T1609'],
];

function fromVendorWords({ pack }: Investigation): Technique[] {
  return factsOf(pack, 'alert').flatMap(({ item, fact }) =>
    WORDS.flatMap(([pattern, id]) =>
      pattern.test(fact.category)
        ? technique(id, `What the vendor calls "${quote(fact.category, 120)}" is this technique.`, [item], 'medium')
        : [],
    ),
  );
}

function fromRules({ pack, behaviours, tree, vulnerabilities }: Investigation): Technique[] {
  const observed = (name: string): EvidenceItem[] =>
    behaviours.flatMap((behaviour) =>
      behaviour.name === name && behaviour.basis === 'observed' ? behaviour.items : [],
    );
  const shells = tree.nodes.filter((node) => isShell(node)).flatMap(({ items }) => items);
  const downloads = tree.nodes
    .filter((node) => DOWNLOAD.test(visibleText(processText(node))))
    .flatMap(({ items }) => items);
  const exploited = vulnerabilities.filter(isExploited);
  return [
    ...technique(
      'T1496.001',
      'A process mines cryptocurrency with the computing power of the workload.',
      observed('crypto-miner'),
      'high',
    ),
    ...technique('T1611', 'A process left its container for the host.', observed('container-escape'), 'high'),
    ...technique('T1528', 'A command read the token of the service account.', observed('token-read'), 'medium'),
    ...credentialFiles(behaviours),
    ...contacts(pack, tree),
    ...technique(
      'T1059.004',
      'A shell ran commands in the container.',
      [...shells, ...observed('reverse-shell')],
      'high',
    ),
    ...technique('T1105', 'A tool was downloaded into the container from outside.', downloads, 'high'),
    ...technique(
      'T1190',
      exploited.some(({ relevance }) => relevance === 'exploited')
        ? 'The vendor detected the exploitation of a vulnerability by name, and the attacked process did what an exploit leads to.'
        : 'A vulnerability that can be attacked over the network and is exploited in the wild fits what was observed; the exploit itself was not seen.',
      exploited.flatMap(({ items }) => items),
      'medium',
    ),
  ];
}

/** Which files of credentials: password hashes of the system, private keys, or others. */
function credentialFiles(behaviours: Investigation['behaviours']): Technique[] {
  const reads = behaviours.filter(({ name }) => name === 'credential-file-read');
  const of = (pattern: RegExp): EvidenceItem[] =>
    reads.flatMap(({ process, items }) =>
      process !== undefined && pattern.test(visibleText(processText(process))) ? items : [],
    );
  return [
    ...technique('T1003.008', 'A command named the file of password hashes.', of(/\/etc\/g?shadow\b/i), 'medium'),
    ...technique('T1552.004', 'A command named a private key.', of(/\/\.ssh\/id_\w+/i), 'medium'),
    ...technique(
      'T1552.001',
      'A command named a file of credentials.',
      of(/\/etc\/sudoers\b|\/\.(?:aws\/credentials|kube\/config|docker\/config\.json|netrc|pgpass)\b/i),
      'medium',
    ),
  ];
}

/** Contact with what intelligence sources know to be malicious: by name over DNS, or to an address. */
function contacts(pack: Investigation['pack'], tree: Investigation['tree']): Technique[] {
  const known = knownMalicious(pack, tree).filter(({ what }) => what === 'contact');
  const of = (byName: boolean): EvidenceItem[] =>
    known.flatMap(({ piece, items }) => ((piece.fact.indicatorKind === 'domain') === byName ? items : []));
  return [
    ...technique('T1071.004', 'A name that is known to be malicious was looked up.', of(true), 'medium'),
    ...technique('T1071', 'An address that is known to be malicious was contacted.', of(false), 'medium'),
  ];
}

function technique(
  id: string,
  rationale: string,
  items: readonly EvidenceItem[],
  confidence: Technique['confidence'],
): Technique[] {
  const known = techniqueById(id);
  const tactic = known?.tactics[0];
  return known === undefined || tactic === undefined || items.length === 0
    ? []
    : [{ id, name: known.name, tactic: tactic.name, rationale, evidence: idsOf(items), confidence }];
}

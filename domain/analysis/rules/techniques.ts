import { techniqueById } from '../../attack/catalogue.ts';
import { isExploited } from '../../correlation/correlate.ts';
import { visibleText } from '../../evidence/clean.ts';
import type { EvidenceItem } from '../../evidence/pack.ts';
import type { AnalysisBody } from '../analysis.ts';
import { DOWNLOAD, isShell } from './behaviours.ts';
import { factsOf, idsOf, quote } from './facts.ts';
import type { Investigation } from './investigation.ts';
import { processText } from './process-tree.ts';

type Technique = AnalysisBody['techniques'][number];

/** The vendor's own mapping, and what the rules see by themselves. Ids that the catalogue does not hold are left out. */
export function techniquesOf(investigation: Investigation): Technique[] {
  const merged = new Map<string, Technique>();
  for (const technique of [...fromRules(investigation), ...fromVendor(investigation)]) {
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

function fromRules({ behaviours, tree, vulnerabilities }: Investigation): Technique[] {
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
    ...technique('T1552.001', 'A command named a file of credentials.', observed('credential-file-read'), 'medium'),
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

import type { LinkedIncident, LinkStore } from '../../connectors/store/context-ports.ts';
import { type Link, linksOf } from '../../domain/baseline/links.ts';
import type { FactOf } from '../../domain/evidence/fact.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import type { NormalizedFinding } from '../../domain/ocsf/detection-finding.ts';
import { workloadLabel } from '../../domain/workload.ts';

/** Each is a query. */
const MOST_ASKED = 20;
const MOST_TOLD = 10;

/** Other incidents that share an address, a name, a hash, an identity or an image with this one. */
export async function linkedIncidents(
  links: Pick<LinkStore, 'sharing'>,
  incident: Incident,
  findings: readonly NormalizedFinding[],
  now: Date,
): Promise<{ readonly facts: readonly FactOf<'linked-incident'>[]; readonly calls: number }> {
  const all = new Map(findings.flatMap(linksOf).map((link) => [`${link.what} ${link.value}`, link]));
  const asked = [...all.values()].slice(0, MOST_ASKED);
  const answers = await Promise.all(
    asked.map(async (link) => ({
      link,
      others: await links.sharing(link, { except: incident.incidentId, now }),
    })),
  );
  const found = new Map<string, { readonly other: LinkedIncident; readonly shared: Link[] }>();
  for (const { link, others } of answers) {
    for (const other of others) {
      const known = found.get(other.incidentId) ?? { other, shared: [] };
      known.shared.push(link);
      found.set(other.incidentId, known);
    }
  }
  const own = workloadLabel(incident.workload);
  const facts = [...found.values()]
    // That a workload still runs the image it ran before links nothing.
    .filter(({ other, shared }) => other.workload !== own || shared.some(({ what }) => what !== 'image'))
    .sort((a, b) => b.shared.length - a.shared.length || Date.parse(b.other.openedAt) - Date.parse(a.other.openedAt))
    .slice(0, MOST_TOLD)
    .map(({ other, shared }) => ({ kind: 'linked-incident' as const, ...other, shared }));
  return { facts, calls: asked.length };
}

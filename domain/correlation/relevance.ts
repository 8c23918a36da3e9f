import type { RELEVANCES } from '../analysis/analysis.ts';
import { factsOf, quote } from '../analysis/rules/facts.ts';
import { runtimeOfPackage } from '../analysis/rules/runtimes.ts';
import type { FactOf } from '../evidence/fact.ts';
import type { EvidenceItem, EvidencePack } from '../evidence/pack.ts';
import type { Consequence } from './consequence.ts';
import { exposureOf } from './exposure.ts';
import { canRunCode, localOnly, overNetwork } from './flaw.ts';
import type { Knowledge } from './knowledge.ts';
import type { Loader } from './loaded.ts';

export type Relevance = (typeof RELEVANCES)[number];

interface Known {
  readonly pack: EvidencePack;
  readonly fact: FactOf<'vulnerability'>;
  readonly loaders: readonly Loader[];
  readonly knowledge: Knowledge;
  readonly image: { readonly match: 'same' | 'other' | 'unknown'; readonly items: readonly EvidenceItem[] };
  readonly foreign: readonly EvidenceItem[];
  readonly fixedIn: string | undefined;
  readonly consequence: Consequence | undefined;
  /** Detections of the vendor at run time that name the vulnerability. */
  readonly detections: readonly EvidenceItem[];
}

interface Judged {
  readonly relevance: Relevance;
  readonly rationale: string;
  readonly items: readonly EvidenceItem[];
}

/**
 * How much a vulnerability matters here, by what runs and what happened. `exploited` needs two witnesses: the vendor's
 * detection names it, and the attacked process did what an exploit leads to. `not_relevant` needs a record, not an absence.
 */
export function judgeRelevance(known: Known): Judged {
  return irrelevant(known) ?? unloaded(known) ?? attacked(known);
}

const library = ({ packageName, packageVersion }: Known['fact']): string =>
  `${quote(packageName)} ${quote(packageVersion)}`;

function irrelevant({ pack, fact, image, fixedIn }: Known): Judged | undefined {
  const no = (rationale: string, items: readonly EvidenceItem[] = []): Judged => ({
    relevance: 'not_relevant',
    rationale,
    items,
  });
  if (image.match === 'other')
    return no('It was found in an image of another digest than the one that runs in this workload.', image.items);
  if (fixedIn !== undefined && fixedIn.trim() === fact.packageVersion.trim())
    return no(`${library(fact)} is the version that holds the fix; the scan is older than its data.`);
  if (
    pack.workload.kind !== 'host' &&
    KERNEL.test(fact.packageName) &&
    runtimeOfPackage(fact.packageType) === undefined
  )
    return no(
      `${library(fact)} belongs to the kernel: a container runs on the kernel of its host, the files in its image are never run.`,
    );
  if (DOCUMENTATION.test(fact.packageName) && runtimeOfPackage(fact.packageType) === undefined)
    return no(`${library(fact)} holds documentation or debug symbols, nothing that runs.`);
  return undefined;
}

/** Headers for compilers, and the kernel and its modules: scanners list the kernel's flaws for all of them. */
const KERNEL =
  /^(?:linux-libc-dev|linux-(?:headers|image|modules|tools)(?:-|$)|kernel(?:-(?:headers|core|modules|devel|tools))?$|linux$)/i;
const DOCUMENTATION = /-(?:doc|docs|dbg|dbgsym|debuginfo|manpages)$/i;

/** No process is known that uses the package: all that is certain is that it is there. */
function unloaded(known: Known): Judged | undefined {
  const { fact, loaders, pack } = known;
  if (localOnly(fact)) return local(known);
  if (loaders.length > 0) return undefined;
  return { relevance: 'present', rationale: whyUnknown(pack, fact), items: [] };
}

function whyUnknown(pack: EvidencePack, fact: Known['fact']): string {
  const runtime = runtimeOfPackage(fact.packageType);
  if (runtime === 'go')
    return `${library(fact)} is compiled into a program of the image; which running process holds it is not known.`;
  if (runtime === undefined) return `${library(fact)} is in the image; whether a running process uses it is not known.`;
  const nothing = factsOf(pack, 'process').length + factsOf(pack, 'container').length === 0;
  return nothing
    ? `${library(fact)} is a ${runtime} package; what runs in the workload is not known.`
    : `${library(fact)} is a ${runtime} package, and no ${runtime} process was seen in the container.`;
}

/** Of use only to code that runs in the workload already, and only if it gives that code more than it has. */
function local({ pack, fact, foreign, knowledge }: Known): Judged {
  const start = `The flaw of ${library(fact)} can be used only by code that runs in the workload already`;
  if (foreign.length === 0)
    return { relevance: 'present', rationale: `${start}, and none was seen that does not belong there.`, items: [] };
  const root = factsOf(pack, 'security-context').filter(({ fact: context }) => context.runsAsRoot === 'yes');
  if (root.length > 0)
    return {
      relevance: 'present',
      rationale: `${start}; foreign code does run, but as root, so that the flaw gives it nothing new inside the container.`,
      items: [...foreign, ...root.map(({ item }) => item)],
    };
  return {
    relevance: 'reachable',
    rationale: `${start}, and foreign code does run: it could use the flaw to get more rights${knowledge.phrase === '' ? '' : `; it ${knowledge.phrase}`}.`,
    items: foreign,
  };
}

/** A process uses the package: what remains is whether it can be attacked, and whether it was. */
function attacked(known: Known): Judged {
  const { fact, loaders, consequence, detections, knowledge } = known;
  const [loader] = loaders;
  const start = `${library(fact)} belongs to the ${(consequence?.loader ?? loader)?.called ?? 'process'} that runs`;
  const loadedBy = loader?.items ?? [];
  if (!overNetwork(fact))
    return {
      relevance: 'present',
      rationale: `${start}, but it is not marked as attackable over the network.`,
      items: loadedBy,
    };
  const signs = consequence !== undefined || detections.length > 0;
  if (canRunCode(fact) && signs && (knowledge.active || (consequence !== undefined && detections.length > 0)))
    return exploited(known, start, loadedBy);
  return reachable(known, start, loadedBy);
}

function exploited(
  { consequence, detections, knowledge }: Known,
  start: string,
  loadedBy: readonly EvidenceItem[],
): Judged {
  const items = [...loadedBy, ...(consequence?.items ?? []), ...detections, ...knowledge.items];
  if (consequence === undefined)
    return {
      relevance: 'likely_exploited',
      rationale: `${start}, can be attacked over the network and ${knowledge.phrase}; the vendor detected an attempt at it. What came of the attempt was not seen.`,
      items,
    };
  return detections.length > 0
    ? {
        relevance: 'exploited',
        rationale: `${start}; the vendor detected its exploitation by name, and that process started ${consequence.what}, as an exploit does.`,
        items,
      }
    : {
        relevance: 'likely_exploited',
        rationale: `${start}, can be attacked over the network and ${knowledge.phrase}; that process started ${consequence.what}, which fits an exploit of it. The exploit itself was not seen.`,
        items,
      };
}

function reachable(
  { pack, fact, consequence, detections, knowledge }: Known,
  start: string,
  loadedBy: readonly EvidenceItem[],
): Judged {
  const exposure = exposureOf(pack);
  const runsCode = canRunCode(fact);
  const unexplained = consequence !== undefined && runsCode && !knowledge.active ? consequence : undefined;
  const remarks = [
    ...(knowledge.active ? [`it ${knowledge.phrase}`] : []),
    ...(runsCode ? [] : ['by its score it stops a service rather than runs code in it']),
    ...(detections.length > 0 ? ['the vendor detected an attempt at it'] : []),
    ...(unexplained ? [`that process started ${unexplained.what}, but attacks on this flaw are not known`] : []),
    ...(exposure.level === 'unknown' ? [] : [exposure.phrase]),
  ];
  return {
    relevance: 'reachable',
    rationale: `${start} and can be attacked over the network${remarks.map((remark) => `; ${remark}`).join('')}.`,
    items: [
      ...loadedBy,
      ...detections,
      ...(knowledge.active ? knowledge.items : []),
      ...(unexplained?.items ?? []),
      ...exposure.items,
    ],
  };
}

import type { RELEVANCES, Verdict } from '../../../domain/analysis/analysis.ts';
import type { EvidencePartName } from '../../../domain/evidence/pack.ts';
import type { Outcome } from '../../../domain/incident/incident.ts';
import type { SHARED_TRAITS } from '../../../domain/models/tools.ts';
import type { Severity } from '../../../domain/severity.ts';
import type { Channel, Source } from '../../../domain/source.ts';

/** A delivery: a payload of this repository, with what this case changes in it (objects are merged, all else replaced). */
export interface AlertSpec {
  /** Below the root of the repository; the folder's SOURCES.md names the origin. */
  readonly file: string;
  readonly change?: Readonly<Record<string, unknown>>;
  /** Of a body that is a list: which entry the change is for; the others are left out. */
  readonly pick?: number;
  readonly channel?: Channel;
  /** The record of Compute that confirms it, where it says more than the alert: a request to an application or a cluster. */
  readonly record?: {
    readonly kind: 'firewall' | 'admission';
    readonly file: string;
    readonly change?: Readonly<Record<string, unknown>>;
  };
}

/** `[pid, parent pid, path, command line, seconds after the first alert, extras]`. */
export type ProcessSpec = readonly [
  pid: number,
  parentPid: number | undefined,
  path: string,
  commandLine?: string | undefined,
  seconds?: number,
  extra?: { readonly user?: string; readonly interactive?: boolean; readonly md5?: string },
];

export interface PodSpec {
  readonly privileged?: boolean;
  readonly root?: boolean;
  readonly hostPid?: boolean;
  readonly hostPaths?: readonly string[];
  readonly capabilities?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  readonly tokenMounted?: boolean;
  readonly cloudRole?: string;
  /** A binding of the account to this role; `cluster-admin` gives full control. */
  readonly role?: string;
  readonly controller?: 'Deployment' | 'DaemonSet' | 'StatefulSet' | 'Job';
  readonly replicas?: number;
  readonly managedBy?: 'argocd';
  readonly service?: 'LoadBalancer' | 'ClusterIP';
  /** The last change: minutes before the first alert, its stated cause, the image before. */
  readonly revision?: { readonly minutesBefore: number; readonly cause?: string; readonly from?: string };
  readonly image?: string;
}

export interface VulnerabilitySpec {
  readonly cve: string;
  readonly package: string;
  readonly type?: string;
  readonly version: string;
  readonly fixedIn?: string;
  readonly cvss?: number;
  readonly vector?: string;
  readonly wild?: boolean;
  readonly public?: boolean;
  readonly remote?: boolean;
  /** Another image than the one that runs. */
  readonly elsewhere?: boolean;
}

export interface IntelSpec {
  readonly indicator: string;
  readonly kind: 'ip' | 'domain' | 'hash';
  readonly confidence?: number;
  readonly verdict: 'malicious' | 'suspicious' | 'harmless' | 'unknown';
  readonly detail: string;
}

/** What the other parts of the evidence hold. Everything absent was read and is empty; `missing` could not be read. */
export interface ContextSpec {
  readonly pod?: PodSpec;
  readonly container?: { readonly entryPoint?: string; readonly ports?: readonly number[]; readonly digest?: string };
  readonly processes?: readonly ProcessSpec[];
  readonly written?: readonly (readonly [path: string, byPid?: number, seconds?: number])[];
  readonly connections?: readonly (readonly [ip: string, port: number, direction?: 'inbound'])[];
  readonly names?: readonly string[];
  readonly vulnerabilities?: readonly VulnerabilitySpec[];
  readonly knowledge?: readonly {
    readonly cve: string;
    readonly kev?: string;
    readonly ransomware?: boolean;
    readonly epss?: number;
  }[];
  readonly intel?: readonly IntelSpec[];
  readonly learned?: {
    readonly processes: readonly string[];
    readonly ports: readonly number[];
    readonly names: readonly string[];
  };
  readonly anomalies?: readonly {
    readonly dimension: 'process' | 'network' | 'domain';
    readonly value: string;
    readonly new: boolean;
    readonly days?: number;
    readonly replicas?: readonly [shared: number, of: number];
  }[];
  /** Earlier incidents of the workload, as the product records them (connectors/retrieval/similar.ts). */
  readonly past?: readonly { readonly verdict: Verdict; readonly outcome: Outcome }[];
  readonly linked?: readonly {
    readonly what: 'image' | 'ip' | 'domain' | 'hash' | 'identity';
    readonly value: string;
    readonly workload: string;
  }[];
  readonly exposure?: {
    readonly internet: boolean;
    readonly ports: readonly string[];
    readonly path?: readonly string[];
  };
  readonly identity?: {
    readonly name: string;
    readonly admin?: boolean;
    readonly high?: boolean;
    readonly permissions: readonly string[];
  };
  readonly ownership?: {
    readonly team: string;
    readonly environment: string;
    readonly tags?: Readonly<Record<string, string>>;
  };
  readonly related?: readonly { readonly title: string; readonly category: string; readonly severity: Severity }[];
  readonly calls?: readonly {
    readonly operation: string;
    readonly service: string;
    readonly principal?: string;
    readonly from?: string;
    readonly succeeded?: boolean;
    readonly seconds?: number;
  }[];
  readonly missing?: Readonly<Partial<Record<EvidencePartName, string>>>;
}

/** Only for sources with an API; the others know nothing but their alerts. */
export interface FurtherSpec
  extends Pick<ContextSpec, 'processes' | 'connections' | 'names' | 'vulnerabilities' | 'intel' | 'past'> {
  /** Earlier incidents of other workloads, by what they share with this one. */
  readonly similar?: readonly {
    readonly what: (typeof SHARED_TRAITS)[number];
    readonly value: string;
    readonly verdict: Verdict;
    readonly outcome: Outcome;
  }[];
}

/** Evidence by what it says: the kind of its fact, and a text that stands in the sentence of it. */
export type EvidenceMatch = `${string}:${string}`;

export const QUERIES = ['spawned', 'connected', 'changed', 'same-image', 'cves', 'identity'] as const;
export type Query = (typeof QUERIES)[number];

/** What a senior analyst would say of the payload and its context. */
export interface Expected {
  readonly verdict: Verdict;
  /** Other verdicts nobody would blame; they count as right in the figure that says so, and are reported apart. */
  readonly acceptable?: readonly Verdict[];
  readonly severity: readonly [min: Severity, max: Severity];
  readonly techniques?: readonly string[];
  /** Defensible, but not needed: neither help nor hurt. */
  readonly acceptableTechniques?: readonly string[];
  /** Vulnerabilities that explain the attack. */
  readonly cves?: readonly {
    readonly cve: string;
    readonly relevance: (typeof RELEVANCES)[number];
  }[];
  /** `action@canonical name of the target`; `*` for any target. */
  readonly must?: readonly string[];
  readonly may?: readonly string[];
  readonly mustNot?: readonly string[];
  /** Whose origin is asked for, where the evidence holds it: the path of the process and its parents, the nearest first. */
  readonly spawned?: { readonly process: string; readonly by: readonly string[] };
  /** The evidence does not allow a judgement. */
  readonly abstain?: true;
  /** Statements the analysis must make: words in the text of a claim, and evidence of which it must cite one of each. */
  readonly support?: readonly { readonly says: RegExp; readonly cites: readonly EvidenceMatch[] }[];
}

export interface GoldenCase {
  readonly id: string;
  readonly title: string;
  readonly source: Source;
  readonly alerts: readonly AlertSpec[];
  /** What the vendor says when it is asked. Sources without an API decide by themselves. */
  readonly readBack?: 'confirmed' | 'denied' | 'unreachable';
  readonly lookAlike?: true;
  readonly context: ContextSpec;
  /** What lies at the vendor, the intelligence sources and in the store beyond the pack: found by who looks it up. */
  readonly further?: FurtherSpec;
  readonly expected: Expected;
}

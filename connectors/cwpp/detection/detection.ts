import type { OcsfAttack } from '../../../domain/ocsf/attacks.ts';
import type { Severity } from '../../../domain/severity.ts';
import type { Source } from '../../../domain/source.ts';
import type { Workload } from '../../../domain/workload.ts';

/**
 * What a sensor without an API of its own tells in one event, before it is written as OCSF: for sources whose event is
 * all there is (Falco, the generic source). Texts may be of any length and are capped where they are written.
 */
export interface Detection {
  readonly source: Source;
  readonly product: { readonly name: string; readonly vendor: string; readonly feature?: string | undefined };
  readonly deduplicationKey: string;
  /** The sender's own id of the event, for people who search for it there. */
  readonly vendorId?: string | undefined;
  readonly title: string;
  readonly message?: string | undefined;
  /** What kind of thing happened, in the sender's word. */
  readonly category: string;
  readonly rule?: string | undefined;
  readonly severity: Severity;
  /** Epoch milliseconds. */
  readonly time: number;
  /** The time as it was sent: it may be finer than a millisecond. */
  readonly originalTime?: string | undefined;
  readonly workload: Workload;
  readonly podUid?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  /** The process in question first, then its ancestors, the nearest first. */
  readonly processes: readonly SeenProcess[];
  readonly file?: SeenFile | undefined;
  readonly connection?: SeenConnection | undefined;
  readonly domain?: string | undefined;
  /** Who acted, where that is not the user of a process (a caller of the Kubernetes API). */
  readonly actor?: string | undefined;
  /** A call of an API (of Kubernetes, of a cloud) that the event is about; `actor` made it. */
  readonly apiCall?: SeenApiCall | undefined;
  readonly attacks: readonly OcsfAttack[];
  /** Further values of the event, in the sender's names. */
  readonly data: Readonly<Record<string, string>>;
  readonly unmapped?: Readonly<Record<string, unknown>> | undefined;
  /** See `normalizedFindingSchema`. */
  readonly readBack: Readonly<Record<string, string>>;
}

export interface SeenProcess {
  readonly name?: string | undefined;
  readonly path?: string | undefined;
  readonly commandLine?: string | undefined;
  readonly pid?: number | undefined;
  readonly user?: string | undefined;
  readonly userId?: string | undefined;
  readonly sha256?: string | undefined;
  readonly interactive?: boolean | undefined;
}

export interface SeenFile {
  readonly path: string;
  readonly access: 'read' | 'written';
}

export interface SeenConnection {
  readonly direction: 'inbound' | 'outbound';
  readonly sourceIp?: string | undefined;
  readonly sourcePort?: number | undefined;
  readonly destinationIp: string;
  readonly destinationPort: number;
  readonly protocol?: string | undefined;
}

export interface SeenApiCall {
  /** `create pods/exec` */
  readonly operation: string;
  readonly service: string;
  readonly sourceIp?: string | undefined;
  readonly succeeded?: boolean | undefined;
}

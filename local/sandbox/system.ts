/** One call as a sandbox system sees it; `path` is below the system's mount point and starts with a slash. */
export interface SandboxCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SandboxReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A vendor's API in memory: stateful, strict about what the real one refuses, and open about what it holds. */
export interface SandboxSystem {
  handle(call: SandboxCall): SandboxReply | Promise<SandboxReply>;
  /** What the outside world would see: tickets, messages, pods. Shown at `/_sandbox/<name>` and checked by the walkthrough. */
  view(): unknown;
}

/** A fault that is played instead of the system's own answer, `times` times (default once). */
export interface Misbehaviour {
  readonly system: string;
  readonly method?: string;
  /** Regular expression on the path below the mount point. */
  readonly path?: string;
  readonly times?: number;
  readonly reply:
    | SandboxReply
    | { readonly hangMs: number }
    | { readonly cutAfterBytes: number }
    /** The answer begins and never goes on. */
    | { readonly stallAfterBytes: number }
    /** The answer goes on until the other side ends it. */
    | { readonly endless: true };
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): SandboxReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

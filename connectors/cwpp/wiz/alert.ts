/** What the three bodies say, under one set of names. Everything in it is text from outside. */
export interface WizAlert {
  readonly record: 'issue' | 'detection';
  readonly id: string;
  /** The issue of a detection, if the body names it. */
  readonly issueId?: string | undefined;
  readonly title: string;
  readonly description?: string | undefined;
  /** What kind of finding it is; decides between misconfiguration and runtime when it is judged. */
  readonly category: string;
  readonly rule?: { readonly id?: string | undefined; readonly name?: string | undefined } | undefined;
  /** Words as sent, the decisive one first. */
  readonly severities: readonly (string | undefined)[];
  /** Texts of times, the best one first. */
  readonly times: readonly (string | undefined)[];
  readonly created?: string | undefined;
  readonly url?: string | undefined;
  /** What it is about first. */
  readonly resources: readonly Resource[];
  readonly actor?: Resource | undefined;
  readonly techniques: readonly string[];
  readonly events: readonly SeenEvent[];
  readonly projects: readonly string[];
  readonly recommendation?: string | undefined;
  readonly unmapped: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
}

export interface Resource {
  readonly id?: string | undefined;
  readonly externalId?: string | undefined;
  readonly providerId?: string | undefined;
  readonly name?: string | undefined;
  readonly type?: string | undefined;
  readonly nativeType?: string | undefined;
  readonly region?: string | undefined;
  readonly account?: string | undefined;
  readonly accountName?: string | undefined;
  readonly platform?: string | undefined;
  readonly clusterName?: string | undefined;
  readonly namespace?: string | undefined;
  readonly node?: string | undefined;
}

export interface SeenEvent {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly at?: string | undefined;
  readonly origin?: string | undefined;
  readonly source?: string | undefined;
  readonly actorIp?: string | undefined;
  readonly actorIpMeta?: Readonly<Record<string, unknown>> | undefined;
  /** The process the event is about, then what started it. */
  readonly processes: readonly SeenProcess[];
}

export interface SeenProcess {
  readonly pid?: number | undefined;
  readonly path?: string | undefined;
  readonly command?: string | undefined;
  readonly hash?: string | undefined;
  readonly at?: string | undefined;
  readonly userId?: string | undefined;
  readonly user?: string | undefined;
  readonly container?: SeenContainer | undefined;
}

export interface SeenContainer {
  readonly id?: string | undefined;
  readonly externalId?: string | undefined;
  readonly name?: string | undefined;
  readonly imageId?: string | undefined;
  readonly image?: string | undefined;
}

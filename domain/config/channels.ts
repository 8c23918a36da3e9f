import { ANSWERABLE_VENDORS, type AnswerableVendor, vendorOfAction } from '../evidence/vendor-record.ts';
import { type Channel, SOURCES, type Source } from '../source.ts';
import type { SourcesConfiguration, WebhookConfiguration } from './sources.ts';

/** The webhook of a source; undefined when the source is not configured or sends another way. */
export function webhookOf(sources: SourcesConfiguration, source: Source): WebhookConfiguration | undefined {
  const configured = sources[source];
  return configured !== undefined && 'webhook' in configured ? configured.webhook : undefined;
}

/** Every source that has a webhook, with it. */
export function webhooksOf(
  sources: SourcesConfiguration,
): readonly { readonly source: Source; readonly webhook: WebhookConfiguration }[] {
  return SOURCES.flatMap((source) => {
    const webhook = webhookOf(sources, source);
    return webhook ? [{ source, webhook }] : [];
  });
}

/** The secret by which a source's API is read; undefined when it has none (AWS services use the function's own role). */
export function readSecretOf(sources: SourcesConfiguration, source: Source): string | undefined {
  const configured = sources[source];
  if (configured === undefined || !('api' in configured)) return undefined;
  return configured.api !== undefined && 'readSecret' in configured.api ? configured.api.readSecret : undefined;
}

export function readSecretsOf(sources: SourcesConfiguration): readonly string[] {
  return SOURCES.flatMap((source) => readSecretOf(sources, source) ?? []);
}

/** The secret by which alerts are answered at a vendor; undefined: nothing is. */
export function writeSecretOf(sources: SourcesConfiguration, vendor: AnswerableVendor): string | undefined {
  return sources[vendor]?.api.writeSecret;
}

/** Secrets by which the record is read again where alerts may be answered: for what plans and verifies. */
export function answeredReadSecretsOf(sources: SourcesConfiguration): readonly string[] {
  return ANSWERABLE_VENDORS.flatMap((vendor) =>
    writeSecretOf(sources, vendor) === undefined ? [] : (readSecretOf(sources, vendor) ?? []),
  );
}

/** Secrets by which alerts are answered, of the vendors of which an action is switched on: for what executes and undoes. */
export function answeringSecretsOf({
  sources,
  actions,
}: {
  readonly sources: SourcesConfiguration;
  readonly actions: Readonly<Partial<Record<string, { readonly gate: string }>>>;
}): readonly string[] {
  const on = Object.entries(actions).flatMap(([name, action]) =>
    (action?.gate ?? 'suggest') === 'suggest' ? [] : (vendorOfAction(name) ?? []),
  );
  return ANSWERABLE_VENDORS.filter((vendor) => on.includes(vendor)).flatMap(
    (vendor) => writeSecretOf(sources, vendor) ?? [],
  );
}

/** How alerts of a source come when nothing else is said: AWS services have no webhook. */
export function usualChannel(source: Source): Channel {
  return source === 'guardduty' || source === 'inspector' ? 'event-bus' : 'webhook';
}

/** Secrets the stack makes itself and keeps in Secrets Manager wherever those of other systems lie. */
export function issuedSecretsOf(config: {
  readonly sources: SourcesConfiguration;
  readonly approvals: { readonly linkSecret: string };
}): readonly string[] {
  return [...webhooksOf(config.sources).map(({ webhook }) => webhook.secret), config.approvals.linkSecret];
}

/** The secrets by which clusters and accounts are asked what somebody may do. */
export function rightsSecretsOf({
  clusters,
  accounts,
}: {
  readonly clusters: readonly { readonly rightsSecret?: string | undefined }[];
  readonly accounts: readonly {
    readonly rightsRole?: string | undefined;
    readonly externalIdSecret?: string | undefined;
  }[];
}): readonly string[] {
  return [
    ...clusters.flatMap(({ rightsSecret }) => rightsSecret ?? []),
    ...accounts.flatMap(({ rightsRole, externalIdSecret }) =>
      rightsRole === undefined || externalIdSecret === undefined ? [] : [externalIdSecret],
    ),
  ];
}

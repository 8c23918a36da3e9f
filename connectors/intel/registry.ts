import { defaultIntelligence, type IntelligenceConfiguration } from '../../domain/config/intelligence.ts';
import { abuseIpDbSource } from './abuseipdb/client.ts';
import { epssSource } from './epss/client.ts';
import { greyNoiseSource } from './greynoise/client.ts';
import type { IntelDeps } from './http.ts';
import { kevSource } from './kev/client.ts';
import { osvSource } from './osv/client.ts';
import { otxSource } from './otx/client.ts';
import type { IntelSource } from './port.ts';
import { virusTotalSource } from './virustotal/client.ts';

/** One line per source: those without a key unless switched off, those with one when their secret is configured. */
export function intelSources(
  configuration: IntelligenceConfiguration | undefined,
  deps: IntelDeps,
): readonly IntelSource[] {
  const { kev, epss, osv, virustotal, abuseipdb, greynoise, otx } = configuration ?? defaultIntelligence();
  return [
    ...(kev.enabled ? [kevSource(deps, kev)] : []),
    ...(epss.enabled ? [epssSource(deps, epss)] : []),
    ...(osv.enabled ? [osvSource(deps, osv)] : []),
    ...(virustotal ? [virusTotalSource(deps, virustotal)] : []),
    ...(abuseipdb ? [abuseIpDbSource(deps, abuseipdb)] : []),
    ...(greynoise ? [greyNoiseSource(deps, greynoise)] : []),
    ...(otx ? [otxSource(deps, otx)] : []),
  ];
}

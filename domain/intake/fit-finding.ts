import type { NormalizedFinding } from '../ocsf/detection-finding.ts';

/**
 * The finding within `maxBytes` of JSON, as far as leaving out copies can bring it there: first what was not mapped, then
 * raw data of evidences. Both stay in the raw alert that the finding names by digest. What decides (workload, severity,
 * processes, addresses) is never left out: a flooded alert must not look harmless. The caller checks the result's size.
 */
export function fitFinding(finding: NormalizedFinding, maxBytes: number): NormalizedFinding {
  if (fits(finding, maxBytes)) return finding;
  const { unmapped, ...mapped } = finding.finding;
  const withoutUnmapped: NormalizedFinding = {
    ...finding,
    finding: unmapped === undefined ? mapped : { ...mapped, unmapped: { left_out: LEFT_OUT } },
  };
  if (fits(withoutUnmapped, maxBytes) || mapped.evidences === undefined) return withoutUnmapped;
  return {
    ...withoutUnmapped,
    finding: {
      ...withoutUnmapped.finding,
      evidences: mapped.evidences.map(({ data, ...evidence }) =>
        data === undefined ? evidence : { ...evidence, data: { left_out: LEFT_OUT } },
      ),
    },
  };
}

const LEFT_OUT = 'too large to store here; it is in the raw alert (raw_data_hash)';

function fits(finding: NormalizedFinding, maxBytes: number): boolean {
  return Buffer.byteLength(JSON.stringify(finding)) <= maxBytes;
}

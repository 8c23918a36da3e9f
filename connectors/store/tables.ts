/**
 * Shape of the tables, in one place: infra creates them from this, the stores read and write by it.
 *
 * incidents      `INC#<id>` / `INCIDENT` | `FINDING#<digest of the deduplication key>` | `PUBLICATION#<destination>`
 *                `WORKLOAD#<key>` / `WINDOW`                    pointer to the open incident of a workload
 *                `SEEN#<digest of the deduplication key>` / `SEEN`  the incident a finding went to, kept when the key below has expired
 *                `QUARANTINE#<id>` / `QUARANTINE`
 *                index `listing`:  listing (`INCIDENT#<shard>` | `QUARANTINE#<shard>`), listedAt
 *                index `workload`: workloadKey, openedAt        (incident items only)
 * deduplication  key (SHA-256 of the deduplication key)        `expiresAt` epoch seconds; DynamoDB's own expiry is late, so it is compared
 * approvals      `APPROVAL#<id>` | `TOKEN#<id>`                 the token has its own item, so that roles can be kept from it by leading key
 *                index `incident`: incidentId, createdAt; index `listing`: listing (`APPROVAL#<shard>`), createdAt (approval items only)
 * audit          chain, sequence
 */
export const INCIDENTS = {
  pk: 'pk',
  sk: 'sk',
  listing: { name: 'listing', pk: 'listing', sk: 'listedAt' },
  workload: { name: 'workload', pk: 'workloadKey', sk: 'openedAt' },
} as const;
export const DEDUPLICATION = { pk: 'key', ttl: 'expiresAt', keepDays: 8 } as const;
export const APPROVALS = {
  pk: 'id',
  approvalPrefix: 'APPROVAL#',
  tokenPrefix: 'TOKEN#',
  incident: { name: 'incident', pk: 'incidentId', sk: 'createdAt' },
  listing: { name: 'listing', pk: 'listing', sk: 'createdAt' },
} as const;
export const AUDIT = { pk: 'chain', sk: 'sequence' } as const;

/** Lists are spread over this many partitions, so that a storm does not meet the 1,000 writes/s of one. */
export const LISTING_SHARDS = 8;

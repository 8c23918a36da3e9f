/**
 * Shape of the tables, in one place: infra creates them from this, the stores read and write by it.
 *
 * incidents      `INC#<id>` / `INCIDENT` | `FINDING#<digest of the deduplication key>` | `PUBLICATION#<destination>`
 *                `WORKLOAD#<key>` / `WINDOW`                    pointer to the open incident of a workload
 *                `SEEN#<digest of the deduplication key>` / `SEEN`  the incident a finding went to, kept when the key below has expired
 *                `QUARANTINE#<id>` / `QUARANTINE`
 *                `LACEWORK#…`                           calls counted per hour, and answers kept for minutes; a fixed number of items
 *                `BASELINE#<workload key|image>` / `BASELINE`  what is usual there
 *                `LINK#<kind>#<digest of the value>` / `INC#<id>`  who shares an address, a digest …; deleted after `expiresAt`
 *                `PUSH#<source>` / `LAST`                       when a source last sent anything
 *                `WAITING` / `<severity><opened><id>`           incidents of a flood that wait to be announced, in their order
 *                `DIGEST#LINE` / `<since><id>`                  incidents that are told together with others, the longest waiting first
 *                `DIGEST#POST` / `CURRENT`                      the digest that is being posted; `DIGEST#MINUTE#<minute>` / `COUNT` the messages of a minute
 *                `POLL#<source>` / `CURSOR` | `ONLY`            how far a source was polled, and what only the poll found
 *                `SPEND#DAY#<day>` | `SPEND#INC#<id>` / `TOTAL` | `PROFILE#<name>`  what models cost, and what is set aside for calls
 *                `ANSWER#<likeness of the evidence>` / `KEPT`   a model's answer that may serve again; deleted after `expiresAt`
 *                `THREAD#<id>` / `<thread>#<number>`            questions about an incident: pointers to the texts in the bucket
 *                `WATCH#<incident>` / `<action>#<time>`         later looks at an action that held; `WATCH#LINE` / `<due>#…` those to come
 *                `PLAYBOOK#NAME#<playbook>` | `PLAYBOOK#ALL` / `<hour>`  how often playbooks acted in it; `PLAYBOOK#TAKEN` / `<incident>#<digest>` who did
 *                index `listing`:  listing (`INCIDENT#<shard>` | `QUARANTINE#<shard>`), listedAt
 *                index `workload`: workloadKey, openedAt        (incident items only)
 * deduplication  key (SHA-256 of the deduplication key)        `expiresAt` epoch seconds; DynamoDB's own expiry is late, so it is compared
 *                `INTEL#<source>#<kind>#<value>` | `INTEL#allowance#…`  answers and used calls of the intelligence sources
 *                key (`OPENED#<minute>`)                        how many incidents were opened in a minute that may have to wait
 * approvals      `APPROVAL#<id>` | `TOKEN#<id>`                 the token has its own item, so that roles can be kept from it by leading key
 *                `CONTROL#EXECUTION`                            the kill switch
 *                `SHOWN#<approval>#<place>`                     what a chat channel shows of a question
 *                index `incident`: incidentId, createdAt; index `listing`: listing (`APPROVAL#<shard>`), createdAt (approval items only)
 *                index `due`: due (`DUE#<shard>`), dueAt; only what is pending and has a next step is in it
 * audit          chain, sequence; index `recent`: writtenIn (`<hour>#<shard>`), chain (keys only)
 */
export const INCIDENTS = {
  pk: 'pk',
  sk: 'sk',
  /** Of an incident and everything beside it. */
  incidentPrefix: 'INC#',
  /** Partition of the waiting line: its own key, so that nothing else can be deleted. */
  waitingLine: 'WAITING',
  ttl: 'expiresAt',
  listing: { name: 'listing', pk: 'listing', sk: 'listedAt' },
  workload: { name: 'workload', pk: 'workloadKey', sk: 'openedAt' },
} as const;
/** Items of the vendor whose calls are counted; what may write them is held to this prefix (infra/permissions/tables.ts). */
export const CALL_BUDGET = { prefix: 'LACEWORK#' } as const;
/** Items about polling; the poller may write no others (infra/permissions/tables.ts). */
export const POLLS = { prefix: 'POLL#' } as const;
/** Items about chat digests, of which alone the function that posts them may delete any (infra/permissions/tables.ts). */
export const DIGEST = {
  prefix: 'DIGEST#',
  line: 'DIGEST#LINE',
  post: 'DIGEST#POST',
  minutePrefix: 'DIGEST#MINUTE#',
} as const;
/** Items about questions; `ask` may write no others of the incidents table but what models cost. */
export const THREADS = { prefix: 'THREAD#' } as const;
/** Items about later looks at actions; the line alone may lose any (infra/permissions/watches.ts). */
export const WATCHES = { prefix: 'WATCH#', line: 'WATCH#LINE' } as const;
/** How often playbooks acted; `execute` may write no other items of the incidents table (infra/permissions/tables.ts). */
export const PLAYBOOK_SLOTS = { prefix: 'PLAYBOOK#' } as const;
/** Items about what models cost (infra/permissions/tables.ts). */
export const SPENDING = { prefix: 'SPEND#' } as const;
/** Answers of models that may serve again when the same thing happens. */
export const ANSWERS = { prefix: 'ANSWER#', keepSeconds: 30 * 24 * 3600 } as const;
export const DEDUPLICATION = { pk: 'key', ttl: 'expiresAt', keepDays: 8 } as const;
/** Lives in the deduplication table, whose items expire. */
export const INTEL_CACHE = { prefix: 'INTEL#' } as const;
export const APPROVALS = {
  pk: 'id',
  approvalPrefix: 'APPROVAL#',
  tokenPrefix: 'TOKEN#',
  incident: { name: 'incident', pk: 'incidentId', sk: 'createdAt' },
  listing: { name: 'listing', pk: 'listing', sk: 'createdAt' },
  due: { name: 'due', pk: 'due', sk: 'dueAt' },
} as const;
/** Items that stop or let run; beside the approvals, because whoever executes reads there anyway. */
export const CONTROL = { prefix: 'CONTROL#' } as const;
/** What channels show of a question; `show-question` may write no other items of the approvals table. */
export const SHOWN = { prefix: 'SHOWN#' } as const;
export const AUDIT = {
  pk: 'chain',
  sk: 'sequence',
  /** Which chains were written to in an hour; no part of an entry. */
  recent: { name: 'recent', pk: 'writtenIn', sk: 'chain' },
} as const;

/** Lists are spread over this many partitions, so that a storm does not meet the 1,000 writes/s of one. */
export const LISTING_SHARDS = 8;

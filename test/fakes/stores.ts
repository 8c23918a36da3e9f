/** In-memory stores that keep the promises of connectors/store/ports.ts (test/contract/store-suite.ts proves it) and can be told to fail. */
export { type MemoryApprovalStore, memoryApprovalStore } from './approval-store.ts';
export { sampleFinding, sampleWorkload } from './findings.ts';
export { type MemoryIncidentStore, memoryIncidentStore } from './incident-store.ts';
export {
  type MemoryAuditLog,
  type MemoryBlobStore,
  type MemoryQuarantineStore,
  memoryAuditLog,
  memoryBlobStore,
  memoryQuarantineStore,
} from './plain-stores.ts';

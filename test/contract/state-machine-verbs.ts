import * as z from 'zod';
import type { Gate } from '../../domain/actions/action.ts';
import type { EVIDENCE_PARTS } from '../../domain/evidence/pack.ts';
import {
  actionInputSchema,
  analyzeInputSchema,
  analyzeOutputSchema,
  approvalResultSchema,
  claimInputSchema,
  claimOutputSchema,
  concludeInputSchema,
  concludeOutputSchema,
  executeInputSchema,
  executeOutputSchema,
  expireInputSchema,
  expireOutputSchema,
  gatherInputSchema,
  gatherOutputSchema,
  planInputSchema,
  planOutputSchema,
  publishInputSchema,
  publishOutputSchema,
  requestApprovalInputSchema,
  rollbackOutputSchema,
  verifyOutputSchema,
} from '../../domain/orchestration.ts';
import type { TaskCall } from './state-machine-interpreter.ts';

const gather = { input: gatherInputSchema, output: gatherOutputSchema } as const;
const publish = { input: publishInputSchema, output: publishOutputSchema } as const;

/** What each function of the state machine is given and answers, by its placeholder (domain/orchestration.ts). */
export const CONTRACTS = {
  ClaimIncidentFunction: { input: claimInputSchema, output: claimOutputSchema },
  GatherCwppFunction: gather,
  GatherKubernetesFunction: gather,
  GatherBaselineFunction: gather,
  GatherIntelFunction: gather,
  GatherHistoryFunction: gather,
  AnalyzeFunction: { input: analyzeInputSchema, output: analyzeOutputSchema },
  PlanFunction: { input: planInputSchema, output: planOutputSchema },
  PublishTicketFunction: publish,
  PublishChatFunction: publish,
  RequestApprovalFunction: { input: requestApprovalInputSchema, output: approvalResultSchema },
  ExpireApprovalFunction: { input: expireInputSchema, output: expireOutputSchema },
  ExecuteFunction: { input: executeInputSchema, output: executeOutputSchema },
  VerifyFunction: { input: actionInputSchema, output: verifyOutputSchema },
  RollBackFunction: { input: actionInputSchema, output: rollbackOutputSchema },
  ConcludeFunction: { input: concludeInputSchema, output: concludeOutputSchema },
} as const;
export type Target = keyof typeof CONTRACTS;

export function isTarget(name: string): name is Target {
  return name in CONTRACTS;
}

/** Which function reads which part; a part read by nobody would be a gap in every incident. */
export const READERS: Readonly<Record<(typeof EVIDENCE_PARTS)[number], Target>> = {
  'alert-details': 'GatherCwppFunction',
  'runtime-activity': 'GatherCwppFunction',
  vulnerabilities: 'GatherCwppFunction',
  workload: 'GatherKubernetesFunction',
  identity: 'GatherKubernetesFunction',
  network: 'GatherCwppFunction',
  'recent-deployments': 'GatherKubernetesFunction',
  baseline: 'GatherBaselineFunction',
  'threat-intel': 'GatherIntelFunction',
  history: 'GatherHistoryFunction',
};

export const INCIDENT_ID = 'inc-0123456789abcdef0123';

export function plannedAction(actionId: string, gate: Gate, timeoutSeconds = 1860) {
  return { incidentId: INCIDENT_ID, actionId, planKey: `incidents/${INCIDENT_ID}/plan-v1.json`, gate, timeoutSeconds };
}

export function decision(answer: 'approved' | 'rejected') {
  return {
    approvalId: `apr-${answer}`,
    decision: answer,
    decidedBy: 'ada',
    decidedAt: '2025-10-14T09:20:00.000Z',
    planDigest: 'd1',
  };
}

/** What every function answers when all goes well: one action, asked, approved, applied, verified. */
export function wellBehaved(call: TaskCall & { readonly target: Target }): unknown {
  const { payload } = call;
  switch (call.target) {
    case 'ClaimIncidentFunction':
      return { claimed: true, incidentId: INCIDENT_ID };
    case 'GatherCwppFunction':
    case 'GatherKubernetesFunction':
    case 'GatherBaselineFunction':
    case 'GatherIntelFunction':
    case 'GatherHistoryFunction': {
      const { part } = gatherInputSchema.parse(payload);
      return { part, key: `incidents/${INCIDENT_ID}/evidence/${part}.json`, sha256: 'e1', items: 2, gaps: [] };
    }
    case 'AnalyzeFunction':
      return {
        incidentId: INCIDENT_ID,
        packKey: 'pack.json',
        analysisKey: 'analysis.json',
        verdict: 'malicious',
        severity: 'critical',
        confirmed: true,
      };
    case 'PlanFunction':
      return { incidentId: INCIDENT_ID, planKey: 'plan.json', actions: [plannedAction('A1', 'ask')] };
    case 'PublishTicketFunction':
      return { destination: 'ticket', state: 'created', remoteId: 'SEC-1' };
    case 'PublishChatFunction':
      return { destination: 'chat', state: 'created' };
    case 'RequestApprovalFunction':
      return decision('approved');
    case 'ExpireApprovalFunction':
      return { outcome: 'expired' };
    case 'ExecuteFunction':
      return { outcome: 'applied', reason: 'applied' };
    case 'VerifyFunction':
      return { result: 'contained', enforcement: 'proven' };
    case 'RollBackFunction':
      return { outcome: 'rolled-back', reason: 'the before-state is back' };
    case 'ConcludeFunction':
      return { incidentId: INCIDENT_ID, outcome: 'contained', auditHead: 'h1' };
  }
}

/** Refuses a field nobody declared: ids and pointers only. */
export function strictly(schema: z.ZodObject | z.ZodLazy<z.ZodObject>): z.ZodObject {
  return schema instanceof z.ZodLazy ? schema.unwrap().strict() : schema.strict();
}

import { approvalLinks } from '../../connectors/links/approval-links.ts';
import { type SignInTokens, signInTokens } from '../../connectors/sign-in/sealed.ts';
import { type Plan, type PlannedAction, type PreparedAction, planDigest } from '../../domain/actions/action.ts';
import type { Analysis } from '../../domain/analysis/analysis.ts';
import { analyseByRules, RULES_VERSION } from '../../domain/analysis/rules/analyse.ts';
import type { Approval } from '../../domain/approval/approval.ts';
import { approvalIdFor } from '../../domain/approval/id.ts';
import type { ApprovalLinks } from '../../domain/approval/link.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import type { EvidencePack } from '../../domain/evidence/pack.ts';
import type { Incident } from '../../domain/incident/incident.ts';
import { digestOf } from '../../domain/json/canonical.ts';
import { authorWords } from '../../domain/publish/words.ts';
import { type MemoryApprovalStore, memoryApprovalStore } from '../fakes/approval-store.ts';
import { type MemoryIncidentStore, memoryIncidentStore } from '../fakes/incident-store.ts';
import { type MemoryAuditLog, type MemoryBlobStore, memoryAuditLog, memoryBlobStore } from '../fakes/plain-stores.ts';
import { sampleConfiguration, sampleIncident } from '../fakes/planning.ts';
import { type ScriptedRights, scriptedRights } from '../fakes/rights.ts';
import { type MemorySecrets, memorySecrets } from '../fakes/secrets.ts';
import { type MemoryWatchStore, memoryWatchStore } from '../fakes/watch-store.ts';
import { cryptoMinerPack, POD, POD_UID } from './crypto-miner.ts';

/** The sample story at the moment a person is asked: two approvers may decide, a third one only elsewhere. */
export const INCIDENT_ID = 'inc-0123456789abcdef0123';
export const ASKED_AT = new Date('2025-10-14T09:20:00.000Z');
export const PLAN_KEY = `incidents/${INCIDENT_ID}/plan-v1.json`;
export const PACK_KEY = `incidents/${INCIDENT_ID}/pack.json`;
export const ANALYSIS_KEY = `incidents/${INCIDENT_ID}/analysis.json`;
export const LINK_SECRET = 'parapet/approval-links';
const POLICY = 'parapet-quarantine-3f0d6c2a91be';

export function approverConfiguration(approvals: Readonly<Record<string, unknown>> = {}): Configuration {
  return sampleConfiguration({
    approvals,
    approvers: [
      approver('dana', 'Dana Example', { cluster: 'prod-eks', namespace: 'payments' }),
      approver('sam', 'Sam Sample', { cluster: 'prod-eks' }),
      approver('elsewhere', 'Eve Elsewhere', { cluster: 'staging-eks' }),
    ],
  });
}

function approver(id: string, name: string, scope: Readonly<Record<string, string>>) {
  return { id, name, mail: `${id}@example.com`, may: [{ actions: ['*'], scope }] };
}

export function storyPack(): EvidencePack {
  return { ...cryptoMinerPack(), incidentId: INCIDENT_ID };
}

export function storyAnalysis(change: Partial<Analysis> = {}): Analysis {
  const pack = storyPack();
  return {
    ...analyseByRules(pack),
    incidentId: INCIDENT_ID,
    packDigest: digestOf(pack),
    writtenBy: { rules: { name: 'rules-analyst', version: RULES_VERSION } },
    dropped: [],
    ...change,
  };
}

export function storyPrepared(change: Partial<PreparedAction> = {}): PreparedAction {
  const pod = `/api/v1/namespaces/payments/pods/${POD}`;
  const policy = `/apis/networking.k8s.io/v1/namespaces/payments/networkpolicies/${POLICY}`;
  return {
    action: 'kubernetes.quarantine-pod',
    incidentId: INCIDENT_ID,
    actionId: 'A1',
    target: {
      system: 'kubernetes',
      entityId: 'N1',
      entity: { kind: 'pod', canonical: `prod-eks/payments/${POD}/${POD_UID}`, label: POD },
      cluster: 'prod-eks',
      namespace: 'payments',
      kind: 'Pod',
      name: POD,
      uid: POD_UID,
    },
    parameters: {},
    beforeState: { uid: POD_UID, labels: { app: 'checkout', 'pod-template-hash': '6d9f7c5b8d' } },
    requests: [
      {
        method: 'PATCH',
        path: `${policy}?fieldManager=parapet&force=true`,
        contentType: 'application/apply-patch+yaml',
        body: {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: POLICY, namespace: 'payments', annotations: { 'parapet.io/incident': INCIDENT_ID } },
          spec: {
            podSelector: { matchLabels: { 'parapet.io/quarantine': '3f0d6c2a91be' } },
            policyTypes: ['Ingress', 'Egress'],
          },
        },
        purpose: 'deny all traffic of the label',
      },
      {
        method: 'PATCH',
        path: `${pod}?fieldManager=parapet`,
        contentType: 'application/json-patch+json',
        body: [
          { op: 'test', path: '/metadata/uid', value: POD_UID },
          { op: 'remove', path: '/metadata/labels/app' },
          { op: 'add', path: '/metadata/labels/parapet.io~1quarantine', value: '3f0d6c2a91be' },
        ],
        purpose: 'put the pod under the policy',
      },
    ],
    inverse: [
      {
        method: 'PATCH',
        path: `${pod}?fieldManager=parapet`,
        contentType: 'application/json-patch+json',
        body: [{ op: 'add', path: '/metadata/labels/app', value: 'checkout' }],
        purpose: 'give the pod its labels back',
      },
      { method: 'DELETE', path: policy, purpose: 'remove the policy' },
    ],
    ...change,
  };
}

export function storyAction(change: Partial<PlannedAction> = {}): PlannedAction {
  const prepared = change.prepared ?? storyPrepared();
  return {
    prepared,
    digest: planDigest(prepared),
    preview: {
      title: `Quarantine pod payments/${POD} in prod-eks`,
      summary:
        'A NetworkPolicy denies all traffic of this one pod, and the pod is taken out of its Services and its controller. It keeps running, so that its memory and files stay available as evidence.',
      commands: [
        `kubectl apply --server-side -n payments -f - <<'EOF'\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n…\nEOF`,
        `kubectl -n payments patch pod ${POD} --type=json -p '[{"op":"remove","path":"/metadata/labels/app"}]'`,
      ],
      blastRadius: [
        `All traffic of pod payments/${POD} stops, in and out, name resolution included.`,
        'The pod leaves Service checkout.',
        'ReplicaSet checkout-6d9f7c5b8d no longer counts the pod and starts a replacement from the same image.',
      ],
      undo: `Give the pod its labels back and delete the policy:\nkubectl -n payments label pod ${POD} app=checkout\nkubectl -n payments delete networkpolicy ${POLICY}`,
      warnings: [
        'Connections that are open now may survive: Kubernetes leaves that to the network plug-in.',
        'NetworkPolicy allow-checkout still selects the pod until its labels are removed.',
      ],
    },
    rationale: 'A downloaded program mines in this pod and talks to a mining pool.',
    evidence: ['E1', 'E3', 'E5'],
    gate: 'ask',
    gateReasons: ['The rollout phase here is assist: people are asked.'],
    approvers: ['dana', 'sam'],
    expiresAfterSeconds: 1800,
    ...change,
  };
}

export function storyPlan(actions: readonly PlannedAction[] = [storyAction()]): Plan {
  return {
    incidentId: INCIDENT_ID,
    version: 1,
    plannedAt: '2025-10-14T09:19:00.000Z',
    phase: 'assist',
    analysisDigest: digestOf(storyAnalysis()),
    actions: [...actions],
    advice: [
      {
        action: 'advice.update-image',
        target: 'shop/checkout:1.42.0',
        text: 'Update log4j-core to 2.15.0 or later in shop/checkout.',
        reason: 'This is advice for people; Parapet has no action for it.',
        evidence: ['E8'],
      },
    ],
  };
}

export function storyIncident(change: Partial<Incident> = {}): Incident {
  return sampleIncident({
    incidentId: INCIDENT_ID,
    status: 'awaiting-decision',
    verdict: 'malicious',
    windowEndsAt: '2025-10-14T10:17:00.000Z',
    execution: `arn:aws:states:us-east-1:111122223333:execution:parapet-incident:${INCIDENT_ID}`,
    times: { received: '2025-10-14T09:17:05.000Z', opened: '2025-10-14T09:17:10.000Z' },
    blobs: { pack: PACK_KEY, analysis: ANALYSIS_KEY, plan: PLAN_KEY },
    ...change,
  });
}

/** What the analysis says to who is asked. */
export function storyTold(): NonNullable<Approval['analysis']> {
  const analysis = storyAnalysis();
  return {
    headline: analysis.headline,
    author: authorWords(analysis),
    verdict: `${analysis.verdict}, confidence ${analysis.confidence}`,
  };
}

export function storyApproval(change: Partial<Approval> = {}): Approval {
  const digest = planDigest(storyPrepared());
  return {
    approvalId: approvalIdFor(INCIDENT_ID, 'A1', digest),
    incidentId: INCIDENT_ID,
    actionId: 'A1',
    action: 'kubernetes.quarantine-pod',
    purpose: 'apply',
    planDigest: digest,
    planKey: PLAN_KEY,
    status: 'PENDING',
    approvers: ['dana', 'sam'],
    quorum: 1,
    votes: [],
    steps: [{ kind: 'remind', at: '2025-10-14T09:40:00.000Z' }],
    stepsDone: 0,
    keptOut: [],
    analysis: storyTold(),
    createdAt: ASKED_AT.toISOString(),
    expiresAt: '2025-10-14T09:50:00.000Z',
    delivery: 'waiting',
    ...change,
  };
}

export interface StoryStores {
  readonly incidents: MemoryIncidentStore;
  readonly approvals: MemoryApprovalStore;
  readonly audit: MemoryAuditLog;
  readonly blobs: MemoryBlobStore;
  readonly watches: MemoryWatchStore;
  readonly secrets: MemorySecrets;
  readonly links: ApprovalLinks;
  readonly sessions: SignInTokens;
  /** Nobody has an identity anywhere, until a test says otherwise. */
  readonly rights: ScriptedRights;
}

/** Stores that hold the story: incident, evidence, analysis, plan; with `asked` also the pending approval. */
export async function storyStores(options: {
  readonly asked: boolean;
  readonly incident?: Incident;
}): Promise<StoryStores> {
  const audit = memoryAuditLog();
  const approvals = memoryApprovalStore({ audit });
  const incidents = memoryIncidentStore();
  const blobs = memoryBlobStore();
  const secrets = memorySecrets({ [LINK_SECRET]: { current: 'an-invented-link-secret-for-tests-only' } });
  incidents.seed(options.incident ?? storyIncident());
  await blobs.put(PACK_KEY, JSON.stringify(storyPack()));
  await blobs.put(ANALYSIS_KEY, JSON.stringify(storyAnalysis()));
  await blobs.put(PLAN_KEY, JSON.stringify(storyPlan()));
  if (options.asked) await approvals.create(storyApproval(), 'an-invented-task-token');
  const watches = memoryWatchStore();
  const issued = { secrets, secretName: LINK_SECRET };
  const links = approvalLinks(issued);
  const sessions = signInTokens(issued);
  return { incidents, approvals, audit, blobs, watches, secrets, links, sessions, rights: scriptedRights() };
}

export function linkFor(stores: StoryStores, person: string, approval = storyApproval()): Promise<string> {
  return stores.links.sign({
    sub: approval.approvalId,
    per: person,
    plan: approval.planDigest,
    inc: approval.incidentId,
    exp: Math.floor(Date.parse(approval.expiresAt) / 1000),
  });
}

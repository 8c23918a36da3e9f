import { readFileSync } from 'node:fs';
import { type ActionOutcome, concludeInputSchema } from '../../domain/orchestration.ts';
import { machineSchema, runMachine, StateError, type TaskCall } from './state-machine-interpreter.ts';
import {
  CONTRACTS,
  decision,
  INCIDENT_ID,
  isTarget,
  plannedAction,
  strictly,
  type Target,
  wellBehaved,
} from './state-machine-verbs.ts';

const FILE = new URL('../../state-machines/incident.asl.json', import.meta.url);
export const text = readFileSync(FILE, 'utf8');
export const machine = machineSchema.parse(JSON.parse(text));
export const OPENED = {
  incidentId: INCIDENT_ID,
  source: 'prisma-cloud-compute',
  severity: 'high',
  workloadKey: 'w1',
  openedAt: '2025-10-14T09:16:00.000Z',
};

export type Answers = Partial<Record<Target, (call: TaskCall) => unknown>>;
export const fails =
  (error = 'Error', cause = 'it broke') =>
  () => {
    throw new StateError(error, cause);
  };

/** Every payload and every answer is held against its contract on the way. */
export async function story(answers: Answers = {}) {
  const calls: (TaskCall & { readonly target: Target })[] = [];
  const run = await runMachine(machine, OPENED, async (call) => {
    const { target } = call;
    if (!isTarget(target)) throw new Error(`${target} has no contract`);
    calls.push({ ...call, target, payload: strictly(CONTRACTS[target].input).parse(call.payload) });
    const answer = answers[target] ?? ((one: TaskCall) => wellBehaved({ ...one, target }));
    return CONTRACTS[target].output.parse(answer(call));
  });
  const concluded = calls.find(({ target }) => target === 'ConcludeFunction')?.payload;
  return { ...run, calls, concluded: concluded === undefined ? undefined : concludeInputSchema.parse(concluded) };
}

/** The way of one action, from its gate to its outcome. */
interface Way {
  readonly name: string;
  readonly answers: Answers;
  readonly through: readonly string[];
  readonly outcome: Pick<ActionOutcome, 'result'> & { readonly reason: RegExp };
}
const asked = ['ChooseGate', 'RequestApproval'];
const executed = [...asked, 'ReadDecision', 'Execute'];
const looked = [...executed, 'ReadExecution', 'Verify'];
const verified = [...looked, 'ToldWhom'];
const byPlaybook = ['ChooseGate', 'ExecuteByPlaybook', 'ReadPlaybook'];
const planned = (gate: 'suggest' | 'ask' | 'automatic'): Answers => ({
  PlanFunction: () => ({ incidentId: INCIDENT_ID, planKey: 'plan.json', actions: [plannedAction('A1', gate)] }),
});
const applying = (outcome: string): Answers => ({ ExecuteFunction: () => ({ outcome, reason: `said ${outcome}` }) });
/** Of the channel alone: what else is told goes on as usual. */
const unheard = ({ payload }: TaskCall): unknown => {
  if (JSON.stringify(payload).includes('"acted"')) throw new StateError('Error', 'no channel');
  return { destination: 'chat', state: 'created' };
};
const verifying = (result: string): Answers => ({ VerifyFunction: () => ({ result, enforcement: 'assumed' }) });

export const WAYS: readonly Way[] = [
  {
    name: 'approved, applied, verified',
    answers: {},
    through: [...verified, 'ReadVerification', 'Contained'],
    outcome: { result: 'contained', reason: /enforcement: proven/ },
  },
  {
    name: 'applied before (a retry, a redrive)',
    answers: applying('already-applied'),
    through: [...verified, 'ReadVerification', 'Contained'],
    outcome: { result: 'contained', reason: /verified/ },
  },
  {
    name: 'only suggested',
    answers: planned('suggest'),
    through: ['ChooseGate', 'SuggestOnly'],
    outcome: { result: 'advice', reason: /suggested/ },
  },
  {
    name: 'a playbook acts, and the channel is told',
    answers: planned('automatic'),
    through: [...byPlaybook, 'ReadExecution', 'Verify', 'ToldWhom', 'TellChannel', 'ReadVerification', 'Contained'],
    outcome: { result: 'contained', reason: /enforcement: proven/ },
  },
  {
    name: 'a playbook acts, and the channel cannot be told',
    answers: { ...planned('automatic'), PublishChatFunction: unheard },
    through: [...byPlaybook, 'ReadExecution', 'Verify', 'ToldWhom', 'TellChannel', 'ReadVerification', 'Contained'],
    outcome: { result: 'contained', reason: /enforcement: proven/ },
  },
  {
    name: 'a playbook acts, and the effect cannot be verified',
    answers: { ...planned('automatic'), ...verifying('failed') },
    through: [
      ...[...byPlaybook, 'ReadExecution', 'Verify', 'ToldWhom', 'TellChannel'],
      ...['ReadVerification', 'PrepareRollBack', 'RollBack'],
    ],
    outcome: { result: 'rolled-back', reason: /verification: failed/ },
  },
  {
    name: 'a playbook broke off: nobody knows how far it came',
    answers: { ...planned('automatic'), ExecuteFunction: fails() },
    through: ['ChooseGate', 'ExecuteByPlaybook', 'RollBack'],
    outcome: { result: 'rolled-back', reason: /broke off/ },
  },
  {
    name: 'a playbook is refused',
    answers: { ...planned('automatic'), ...applying('refused') },
    through: [...byPlaybook, 'ReadExecution', 'NotApplied'],
    outcome: { result: 'not-applied', reason: /said refused/ },
  },
  {
    name: 'a playbook may not act, and people approve',
    answers: {
      ...planned('automatic'),
      ExecuteFunction: ({ payload }) =>
        JSON.stringify(payload).includes('"authority"')
          ? { outcome: 'ask-people', reason: 'the hour is full' }
          : { outcome: 'applied', reason: 'approved' },
    },
    through: [
      ...[...byPlaybook, 'RequestApproval', 'ReadDecision', 'Execute', 'ReadExecution', 'Verify', 'ToldWhom'],
      ...['ReadVerification', 'Contained'],
    ],
    outcome: { result: 'contained', reason: /enforcement: proven/ },
  },
  {
    name: 'rejected',
    answers: { RequestApprovalFunction: () => decision('rejected') },
    through: [...asked, 'ReadDecision', 'Rejected'],
    outcome: { result: 'rejected', reason: /rejected by ada/ },
  },
  {
    name: 'nobody answered',
    answers: { RequestApprovalFunction: fails('States.Timeout', '') },
    through: [...asked, 'ExpireApproval'],
    outcome: { result: 'expired', reason: /nobody decided/ },
  },
  {
    name: 'answered too late to be delivered',
    answers: {
      RequestApprovalFunction: fails('States.Timeout', ''),
      ExpireApprovalFunction: () => ({ outcome: 'decided-too-late' }),
    },
    through: [...asked, 'ExpireApproval'],
    outcome: { result: 'decided-too-late', reason: /too late/ },
  },
  {
    name: 'the question could not be closed',
    answers: { RequestApprovalFunction: fails('States.Timeout', ''), ExpireApprovalFunction: fails() },
    through: [...asked, 'ExpireApproval', 'ActionFailed'],
    outcome: { result: 'failed', reason: /could not be closed: Error: it broke/ },
  },
  {
    name: 'nobody may approve it at that moment',
    answers: {
      RequestApprovalFunction: fails(
        'NobodyMayApproveError',
        '{"errorType":"NobodyMayApproveError","errorMessage":"Nobody may approve it now.","trace":["NobodyMayApproveError: …"]}',
      ),
    },
    through: ['ChooseGate', 'RequestApproval', 'NobodyMayApprove'],
    outcome: { result: 'advice', reason: /^nobody is asked: Nobody may approve it now\.$/ },
  },
  {
    name: 'nobody could be asked',
    answers: { RequestApprovalFunction: fails() },
    through: [...asked, 'ActionFailed'],
    outcome: { result: 'failed', reason: /could not be requested: Error: it broke/ },
  },
  ...(['gone', 'replaced', 'changed', 'refused'] as const).map((outcome) => ({
    name: `the target said ${outcome}`,
    answers: applying(outcome),
    through: [...executed, 'ReadExecution', 'NotApplied'],
    outcome: { result: 'not-applied' as const, reason: new RegExp(`${outcome}: said ${outcome}`) },
  })),
  ...(['failed', 'denied'] as const).map((outcome) => ({
    name: `applying ended ${outcome}: something may have been changed`,
    answers: applying(outcome),
    through: [...executed, 'ReadExecution', 'RollBack'],
    outcome: { result: 'rolled-back' as const, reason: /said .*; rolled-back/ },
  })),
  {
    name: 'applying broke off: nobody knows how far it came',
    answers: { ExecuteFunction: fails() },
    through: [...executed, 'RollBack'],
    outcome: { result: 'rolled-back', reason: /broke off: Error: it broke; rolled-back/ },
  },
  {
    name: 'a partial effect is kept and named',
    answers: verifying('partial'),
    through: [...verified, 'ReadVerification', 'PartiallyContained'],
    outcome: { result: 'partial', reason: /in part only/ },
  },
  ...(['failed', 'unknown'] as const).map((result) => ({
    name: `verification says ${result}`,
    answers: verifying(result),
    through: [...verified, 'ReadVerification', 'PrepareRollBack', 'RollBack'],
    outcome: { result: 'rolled-back' as const, reason: new RegExp(`verification: ${result}; rolled-back`) },
  })),
  {
    name: 'verification broke',
    answers: { VerifyFunction: fails() },
    through: [...looked, 'RollBack'],
    outcome: { result: 'rolled-back', reason: /could not be verified/ },
  },
  {
    name: 'there was nothing to undo',
    answers: { ...applying('failed'), RollBackFunction: () => ({ outcome: 'nothing-to-undo', reason: 'no trace' }) },
    through: [...executed, 'ReadExecution', 'RollBack'],
    outcome: { result: 'not-applied', reason: /nothing-to-undo: no trace/ },
  },
  {
    name: 'undoing failed',
    answers: { ...verifying('failed'), RollBackFunction: () => ({ outcome: 'failed', reason: 'api gone' }) },
    through: [...verified, 'ReadVerification', 'PrepareRollBack', 'RollBack'],
    outcome: { result: 'rollback-failed', reason: /failed: api gone/ },
  },
  {
    name: 'undoing broke',
    answers: { ...verifying('failed'), RollBackFunction: fails() },
    through: [...verified, 'ReadVerification', 'PrepareRollBack', 'RollBack', 'RollBackFailed'],
    outcome: { result: 'rollback-failed', reason: /Error: it broke/ },
  },
];

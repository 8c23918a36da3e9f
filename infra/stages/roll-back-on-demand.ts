import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { answeredReadSecretsOf } from '../../domain/config/channels.ts';
import type { FunctionName } from '../functions/names.ts';
import { PipelineFunction } from '../functions/pipeline-function.ts';
import { externalIdsOf, readAccounts } from '../permissions/aws-targets.ts';
import { readEvidence, writeEvidence } from '../permissions/outside.ts';
import {
  appendAudit,
  countAnswers,
  readApproval,
  readIncidents,
  readSwitch,
  updateIncidents,
} from '../permissions/tables.ts';
import { endWatches } from '../permissions/watches.ts';
import type { StageProps } from './investigation.ts';
import { workflowMachine } from './workflow-machine.ts';

/** The definition as it is deployed, placeholders and all. */
export const ROLL_BACK_DEFINITION = new URL('../../state-machines/roll-back.asl.json', import.meta.url);

/** What it calls of the others' functions; beside its own three, nothing else. */
const SHARED = ['request-approval', 'expire-approval', 'roll-back', 'publish-ticket', 'publish-chat'] as const;

interface RollBackOnDemandProps extends StageProps {
  readonly key: IKey;
  /** Of the incident's workflow, among them the shared ones. */
  readonly called: readonly PipelineFunction[];
}

/** `parapet rollback` -> Step Functions `roll-back`: an executed action is put back at any later time, with an approval of its own. */
export class RollBackOnDemand extends Construct {
  readonly stateMachine: StateMachine;
  readonly functions: readonly PipelineFunction[];

  constructor(scope: Construct, id: string, props: RollBackOnDemandProps) {
    super(scope, id);
    const { configuration, setting, stores, secrets, key, called } = props;
    const targetRead = secrets.read([
      ...configuration.clusters.map(({ readSecret }) => readSecret),
      ...answeredReadSecretsOf(configuration.sources),
      ...externalIdsOf(configuration),
    ]);
    const evidence = readEvidence(stores, 'incidents');
    const audit = appendAudit(stores);
    this.functions = [
      new PipelineFunction(this, 'PlanUndo', {
        verb: 'plan-undo',
        setting,
        access: [
          readIncidents(stores),
          readApproval(stores),
          readSwitch(stores),
          audit,
          evidence,
          writeEvidence(stores, 'incidents'),
          targetRead,
          ...countAnswers(configuration, stores),
          readAccounts(configuration),
        ],
      }),
      new PipelineFunction(this, 'VerifyUndo', {
        verb: 'verify-undo',
        setting,
        access: [
          readIncidents(stores),
          audit,
          evidence,
          targetRead,
          ...countAnswers(configuration, stores),
          readAccounts(configuration),
        ],
      }),
      new PipelineFunction(this, 'ConcludeUndo', {
        verb: 'conclude-undo',
        setting,
        access: [updateIncidents(stores), endWatches(stores), audit],
      }),
    ];
    const shared = SHARED.map((verb: FunctionName) => {
      const found = called.find((one) => one.verb === verb);
      if (found === undefined) throw new Error(`the roll-back on demand needs ${verb}`);
      return found;
    });
    this.stateMachine = workflowMachine(this, {
      name: 'roll-back',
      description: 'Parapet roll-back on demand: calls its functions',
      definition: ROLL_BACK_DEFINITION,
      setting,
      functions: [...this.functions, ...shared],
      key,
    });
  }
}

import { Construct } from 'constructs';
import { answeredReadSecretsOf, answeringSecretsOf, rightsSecretsOf } from '../../domain/config/channels.ts';
import { type FunctionName, pascalOf } from '../functions/names.ts';
import { PipelineFunction } from '../functions/pipeline-function.ts';
import type { Access } from '../permissions/access.ts';
import { askAccounts, changeAccounts, externalIdsOf, readAccounts } from '../permissions/aws-targets.ts';
import { readEvidence, sendMail } from '../permissions/outside.ts';
import {
  appendAudit,
  askForApproval,
  countAnswers,
  readApproval,
  readIncidents,
  readSwitch,
  settleApproval,
  takeSlots,
  updateIncidents,
} from '../permissions/tables.ts';
import { planWatches } from '../permissions/watches.ts';
import type { StageProps } from './investigation.ts';

interface ResponseProps extends StageProps {
  /** What an approval link begins with. */
  readonly peopleUrl: string;
}

/** Actions on targets at one time, where a deployment may reserve: enough for an incident, too few for a runaway. */
const ACTING_CONCURRENCY = 5;

/** The verbs that ask and act. Only `execute` and `roll-back` hold writing credentials of a target. */
export class Response extends Construct {
  readonly functions: readonly PipelineFunction[];

  constructor(scope: Construct, id: string, { configuration, setting, stores, secrets, peopleUrl }: ResponseProps) {
    super(scope, id);
    const { sources, clusters, approvals, destinations } = configuration;
    const targetRead = secrets.read([
      ...clusters.map(({ readSecret }) => readSecret),
      ...answeredReadSecretsOf(sources),
      ...externalIdsOf(configuration),
    ]);
    const targetWrite = secrets.read([
      ...clusters.map(({ writeSecret }) => writeSecret),
      ...answeringSecretsOf(configuration),
      ...externalIdsOf(configuration),
    ]);
    const counted = countAnswers(configuration, stores);
    const peopleEdge: Access = { statements: [], environment: { PEOPLE_EDGE_URL: peopleUrl } };
    const mail = destinations.mail;
    const evidence = readEvidence(stores, 'incidents');

    const add = (verb: FunctionName, access: readonly Access[], reserved?: { readonly reserved: number }) =>
      new PipelineFunction(this, pascalOf(verb), { verb, setting, access, ...reserved });
    this.functions = [
      add('request-approval', [
        askForApproval(stores),
        updateIncidents(stores),
        appendAudit(stores),
        evidence,
        secrets.read([approvals.linkSecret, ...rightsSecretsOf(configuration)]),
        askAccounts(configuration),
        peopleEdge,
        ...(mail ? [sendMail(this, mail)] : []),
      ]),
      add('expire-approval', [settleApproval(stores), appendAudit(stores)]),
      add(
        'execute',
        [
          readApproval(stores),
          readSwitch(stores),
          readIncidents(stores),
          takeSlots(stores),
          appendAudit(stores),
          evidence,
          targetWrite,
          ...counted,
          changeAccounts(configuration, 'apply'),
        ],
        {
          reserved: ACTING_CONCURRENCY,
        },
      ),
      add('verify', [
        updateIncidents(stores),
        planWatches(stores),
        appendAudit(stores),
        evidence,
        targetRead,
        ...counted,
        readAccounts(configuration),
      ]),
      add(
        'roll-back',
        [
          readApproval(stores),
          readSwitch(stores),
          readIncidents(stores),
          appendAudit(stores),
          evidence,
          targetWrite,
          ...counted,
          changeAccounts(configuration, 'undo'),
        ],
        {
          reserved: ACTING_CONCURRENCY,
        },
      ),
      add('conclude', [updateIncidents(stores), settleApproval(stores), appendAudit(stores)]),
    ];
  }
}

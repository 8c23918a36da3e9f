import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { answeredReadSecretsOf, readSecretsOf } from '../../domain/config/channels.ts';
import { intelSecretsOf } from '../../domain/config/intelligence.ts';
import { modelSecretsOf } from '../../domain/config/models.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { type FunctionName, pascalOf } from '../functions/names.ts';
import { type FunctionSetting, PipelineFunction } from '../functions/pipeline-function.ts';
import type { Access } from '../permissions/access.ts';
import { readAwsFindings } from '../permissions/aws-sources.ts';
import { externalIdsOf, logInToRead, readAccounts } from '../permissions/aws-targets.ts';
import { callModels } from '../permissions/models.ts';
import { callFunction, readEvidence, writeEvidence } from '../permissions/outside.ts';
import { sendToQueue } from '../permissions/queues.ts';
import {
  appendAudit,
  cacheIntel,
  countAnswers,
  countCalls,
  publishIncidents,
  readIncidents,
  updateIncidents,
} from '../permissions/tables.ts';
import type { SecretEntries } from './secret-entries.ts';
import type { Stores } from './stores.ts';

export interface StageProps {
  readonly configuration: Configuration;
  readonly setting: FunctionSetting;
  readonly stores: Stores;
  readonly secrets: SecretEntries;
}

interface InvestigationProps extends StageProps {
  /** Where an asynchronous call of what publishes ends when it fails. */
  readonly untold: IQueue;
}

/** The verbs that find out and tell: none of them can change a target, because none has a writing credential. */
export class Investigation extends Construct {
  /** What the state machine calls. */
  readonly functions: readonly PipelineFunction[];
  /** Of these, what tells other systems. */
  readonly publishers: readonly PipelineFunction[];
  /** What `analyze` and `ask` call for a model. */
  readonly lookUp: PipelineFunction;

  constructor(scope: Construct, id: string, { configuration, setting, stores, secrets, untold }: InvestigationProps) {
    super(scope, id);
    const { sources, clusters, destinations, intelligence, models } = configuration;
    const vendorRead = readSecretsOf(sources);
    const clusterRead = clusters.map(({ readSecret }) => readSecret);
    const secretOf = (destination: { readonly secret: string } | undefined) =>
      destination ? [destination.secret] : [];

    const add = (verb: FunctionName, ...access: readonly Access[]) =>
      new PipelineFunction(this, pascalOf(verb), { verb, setting, access });
    const read = readEvidence(stores, 'incidents');
    const write = writeEvidence(stores, 'incidents');
    const audit = appendAudit(stores);
    const publish = [publishIncidents(stores), read, audit, sendToQueue(untold)];
    // Without a model nobody may call it, and it reads no other system.
    this.lookUp = add(
      'look-up',
      readIncidents(stores),
      cacheIntel(stores),
      read,
      ...(models === undefined
        ? []
        : [
            secrets.read([...new Set([...vendorRead, ...clusterRead, ...intelSecretsOf(intelligence)])]),
            logInToRead(configuration),
            ...readAwsFindings(this, sources),
            ...(sources.lacework ? [countCalls(stores)] : []),
          ]),
    );
    this.publishers = [
      add('publish-ticket', ...publish, secrets.read(secretOf(destinations.ticket))),
      add('publish-chat', ...publish, secrets.read(secretOf(destinations.chat))),
    ];
    this.functions = [
      add('claim-incident', updateIncidents(stores), audit),
      add(
        'gather-cwpp',
        readIncidents(stores),
        write,
        audit,
        secrets.read(vendorRead),
        ...readAwsFindings(this, sources),
        ...(sources.lacework ? [countCalls(stores)] : []),
      ),
      add(
        'gather-kubernetes',
        readIncidents(stores),
        write,
        audit,
        secrets.read([...clusterRead, ...externalIdsOf(configuration)]),
        readAccounts(configuration),
      ),
      add('gather-baseline', readIncidents(stores), write, audit),
      add(
        'gather-intel',
        readIncidents(stores),
        cacheIntel(stores),
        read,
        write,
        audit,
        secrets.read(intelSecretsOf(intelligence)),
      ),
      add('gather-history', readIncidents(stores), write, audit),
      add(
        'analyze',
        updateIncidents(stores),
        read,
        write,
        audit,
        callModels(this, models),
        secrets.read(modelSecretsOf(models)),
        ...(models === undefined ? [] : [callFunction('LOOK_UP_FUNCTION', 'LookUp', this.lookUp.lambda)]),
      ),
      add(
        'plan',
        updateIncidents(stores),
        read,
        write,
        audit,
        secrets.read([...clusterRead, ...answeredReadSecretsOf(sources), ...externalIdsOf(configuration)]),
        ...countAnswers(configuration, stores),
        readAccounts(configuration),
      ),
      ...this.publishers,
    ];
  }
}

import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type FunctionSetting, PipelineFunction } from '../functions/pipeline-function.ts';
import { signAnchors, writeAnchors } from '../permissions/outside.ts';
import { failuresTo, sendToQueue } from '../permissions/queues.ts';
import { readAudit, readIncidents } from '../permissions/tables.ts';
import { DeadLetters } from './dead-letters.ts';
import type { Stores } from './stores.ts';

interface AuditAnchorProps {
  readonly setting: FunctionSetting;
  readonly stores: Stores;
  readonly key: IKey;
  readonly signingKey: IKey;
  readonly retain: boolean;
}

/** Every hour: the heads of all audit chains, signed, into the bucket nobody can delete from. Only this shows that a whole chain was removed. */
export class AuditAnchor extends Construct {
  readonly anchorAudit: PipelineFunction;
  /** Runs that were given up, by the scheduler or by Lambda. */
  readonly givenUp: Queue;

  constructor(scope: Construct, id: string, { setting, stores, key, signingKey, retain }: AuditAnchorProps) {
    super(scope, id);
    this.givenUp = new DeadLetters(this, 'GivenUp', { key, retain }).queue;
    this.anchorAudit = new PipelineFunction(this, 'AnchorAudit', {
      verb: 'anchor-audit',
      setting,
      access: [
        readIncidents(stores),
        readAudit(stores),
        writeAnchors(stores),
        signAnchors(signingKey),
        sendToQueue(this.givenUp),
      ],
      // Two runs at one time would write two anchors for one hour.
      reserved: 1,
    });
    const { lambda } = this.anchorAudit;
    lambda.configureAsyncInvoke({ retryAttempts: 2, onFailure: failuresTo(this.givenUp) });
    const role = this.#scheduler(key);
    new CfnSchedule(this, 'Hourly', {
      description: 'Parapet: anchors the audit log',
      scheduleExpression: 'rate(1 hour)',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: lambda.functionArn,
        roleArn: role.roleArn,
        deadLetterConfig: { arn: this.givenUp.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
      },
    }).node.addDependency(role);
  }

  #scheduler(key: IKey): Role {
    const { account, region } = Stack.of(this);
    const role = new Role(this, 'SchedulerRole', {
      description: 'Parapet: the hourly schedule of the audit anchor',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({
        sid: 'CallAnchor',
        actions: ['lambda:InvokeFunction'],
        resources: [this.anchorAudit.lambda.functionArn],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        sid: 'SendToDeadLetters',
        actions: ['sqs:SendMessage'],
        resources: [this.givenUp.queueArn],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        sid: 'EncryptDeadLetters',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `sqs.${region}.amazonaws.com` } },
      }),
    );
    return role;
  }
}

import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { PipelineFunction } from '../functions/pipeline-function.ts';
import { failuresTo } from './queues.ts';

/**
 * Calls a function again and again. What the scheduler or Lambda gives up lies in `givenUp`; the function's own role must
 * have `sendToQueue(givenUp)`, because Lambda puts failures there in its name.
 */
export function everyNowAndThen(
  scope: Construct,
  id: string,
  props: {
    readonly target: PipelineFunction;
    /** `rate(1 minute)` */
    readonly expression: string;
    readonly does: string;
    readonly givenUp: Queue;
    readonly key: IKey;
    readonly maximumEventAgeInSeconds: number;
  },
): void {
  const { target, expression, does, givenUp, key, maximumEventAgeInSeconds } = props;
  const { account, region } = Stack.of(scope);
  target.lambda.configureAsyncInvoke({ retryAttempts: 2, onFailure: failuresTo(givenUp) });
  const role = new Role(scope, 'SchedulerRole', {
    description: `Parapet: the schedule that ${does}`,
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
  });
  const allow = (sid: string, actions: string[], resource: string, conditions?: Record<string, object>) =>
    role.addToPolicy(
      new PolicyStatement({ sid, actions, resources: [resource], ...(conditions ? { conditions } : {}) }),
    );
  allow('CallFunction', ['lambda:InvokeFunction'], target.lambda.functionArn);
  allow('SendToDeadLetters', ['sqs:SendMessage'], givenUp.queueArn);
  allow('EncryptDeadLetters', ['kms:Decrypt', 'kms:GenerateDataKey'], key.keyArn, {
    StringEquals: { 'kms:ViaService': `sqs.${region}.amazonaws.com` },
  });
  new CfnSchedule(scope, id, {
    description: `Parapet: ${does}`,
    scheduleExpression: expression,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: target.lambda.functionArn,
      roleArn: role.roleArn,
      deadLetterConfig: { arn: givenUp.queueArn },
      retryPolicy: { maximumEventAgeInSeconds, maximumRetryAttempts: 10 },
    },
  }).node.addDependency(role);
}

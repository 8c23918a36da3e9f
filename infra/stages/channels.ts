import { Duration } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { APPROVALS } from '../../connectors/store/tables.ts';
import { rightsSecretsOf } from '../../domain/config/channels.ts';
import { showsQuestions, slackQuestions } from '../../domain/config/questions.ts';
import { PipelineFunction } from '../functions/pipeline-function.ts';
import type { Access } from '../permissions/access.ts';
import { askAccounts } from '../permissions/aws-targets.ts';
import { accept } from '../permissions/nag.ts';
import { readEvidence } from '../permissions/outside.ts';
import { showQuestions } from '../permissions/questions.ts';
import { failuresTo, sendToQueue } from '../permissions/queues.ts';
import { readStream } from '../permissions/streams.ts';
import { appendAudit, readIncidents, settleApproval } from '../permissions/tables.ts';
import { DeadLetters } from './dead-letters.ts';
import type { StageProps } from './investigation.ts';

interface ChannelsProps extends StageProps {
  readonly people: { readonly api: HttpApi; readonly url: string };
  readonly key: IKey;
  readonly retain: boolean;
}

/**
 * Questions in chat channels: the stream of the approvals table has them shown and brought up to date, and clicks in Slack
 * come in at the people's edge. Without a channel nothing is called: no stream is read and no address is open.
 */
export class Channels extends Construct {
  readonly functions: readonly PipelineFunction[];
  /** Changes that could not be shown; the questions themselves stand in the table. Absent without a channel. */
  readonly givenUp: Queue | undefined;

  constructor(scope: Construct, id: string, props: ChannelsProps) {
    super(scope, id);
    const shown = showsQuestions(props.configuration);
    this.givenUp = shown ? new DeadLetters(this, 'GivenUp', { key: props.key, retain: props.retain }).queue : undefined;
    this.functions = [this.#show(props), this.#answer(props)];
  }

  #show({ configuration, setting, stores, secrets, people }: ChannelsProps): PipelineFunction {
    const { chat, teams } = configuration.destinations;
    const stream = stores.approvals.tableStreamArn;
    if (stream === undefined) throw new Error('the approvals table has no stream');
    const edge: Access = { statements: [], environment: { PEOPLE_EDGE_URL: people.url } };
    const show = new PipelineFunction(this, 'ShowQuestion', {
      verb: 'show-question',
      setting,
      access: [
        showQuestions(stores),
        readIncidents(stores),
        appendAudit(stores),
        readEvidence(stores, 'incidents'),
        edge,
        secrets.read([
          ...(chat && slackQuestions(configuration) ? [chat.secret] : []),
          ...(teams ? [teams.secret] : []),
        ]),
        ...(this.givenUp ? [readStream(stream), sendToQueue(this.givenUp)] : []),
      ],
    });
    if (this.givenUp === undefined) return show;
    const mapping = new EventSourceMapping(this, 'StreamToChannels', {
      target: show.lambda,
      eventSourceArn: stream,
      startingPosition: StartingPosition.LATEST,
      batchSize: 10,
      // One that cannot be shown must not hold up the others: halve the batch until it is alone.
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: 10,
      // An older question has expired in most deployments, and what it became is a newer change.
      maxRecordAge: Duration.hours(1),
      onFailure: failuresTo(this.givenUp),
      filters: [changedApprovals()],
    });
    mapping.node.addDependency(show.role);
    return show;
  }

  #answer({ configuration, setting, stores, secrets, people }: ChannelsProps): PipelineFunction {
    const slack = slackQuestions(configuration);
    const callback = new PipelineFunction(this, 'SlackCallback', {
      verb: 'slack-callback',
      setting,
      access: [
        settleApproval(stores),
        readIncidents(stores),
        appendAudit(stores),
        readEvidence(stores, 'incidents'),
        secrets.read(slack ? [slack.signingSecret, ...rightsSecretsOf(configuration)] : []),
        ...(slack ? [askAccounts(configuration)] : []),
      ],
    });
    if (slack === undefined) return callback;
    const routes = people.api.addRoutes({
      path: '/slack/interactions',
      methods: [HttpMethod.POST],
      integration: new HttpLambdaIntegration('ToSlackCallback', callback.lambda),
    });
    for (const route of routes) {
      accept(route, {
        APIG4: 'slack-callback proves each request by its signature over the raw bytes, before anything of it is read',
      });
    }
    return callback;
  }
}

/** Whatever changes of a question. Tokens, and what is shown, never reach the function. */
function changedApprovals() {
  return FilterCriteria.filter({
    eventName: ['INSERT', 'MODIFY'],
    dynamodb: { NewImage: { [APPROVALS.pk]: { S: FilterRule.beginsWith(APPROVALS.approvalPrefix) } } },
  });
}

import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Configuration } from '../domain/config/schema.ts';
import type { Flags } from './flags.ts';
import type { FunctionName } from './functions/names.ts';
import type { FunctionSetting } from './functions/pipeline-function.ts';
import { functionSizes } from './functions/sizes.ts';
import { Alarms } from './stages/alarms.ts';
import { ApprovalChasing } from './stages/approval-chasing.ts';
import { AuditAnchor } from './stages/audit-anchor.ts';
import { Channels } from './stages/channels.ts';
import { ChatDigests } from './stages/chat-digests.ts';
import { Collection } from './stages/collection.ts';
import { DeadLetters } from './stages/dead-letters.ts';
import { DecisionDelivery } from './stages/decision-delivery.ts';
import { Bus } from './stages/event-bus.ts';
import { IncidentWorkflow } from './stages/incident-workflow.ts';
import { IntakeQueue } from './stages/intake-queue.ts';
import { Investigation } from './stages/investigation.ts';
import { Keys } from './stages/keys.ts';
import { PeopleEdge } from './stages/people-edge.ts';
import { Questions } from './stages/questions.ts';
import { Reconciliation } from './stages/reconciliation.ts';
import { Response } from './stages/response.ts';
import { RollBackOnDemand } from './stages/roll-back-on-demand.ts';
import { SecretEntries } from './stages/secret-entries.ts';
import { SignIn } from './stages/sign-in.ts';
import { Stores } from './stages/stores.ts';
import { WaitingIncidents } from './stages/waiting-incidents.ts';
import { Watch } from './stages/watch.ts';
import { WebhookEdge } from './stages/webhook-edge.ts';

export interface ParapetStackProps extends StackProps {
  readonly configuration: Configuration;
  readonly flags: Flags;
  /** The bundle of a function; tests give a stub. */
  readonly code: (name: FunctionName) => Code;
}

/** The whole product in one stack, stage by stage along the way of an alert. */
export class ParapetStack extends Stack {
  constructor(scope: Construct, id: string, props: ParapetStackProps) {
    super(scope, id, {
      description: 'Parapet: alerts to incidents to approved, verified, reversible responses',
      ...props,
    });
    const { configuration, flags } = props;
    const { name, retainData: retain, logRetentionDays, alarmTopicMail } = configuration.deployment;

    const keys = new Keys(this, 'Keys', { name, retain });
    const key = keys.shared;
    const stores = new Stores(this, 'Stores', { key, retain });
    const secrets = new SecretEntries(this, 'Secrets', { configuration, key, retain });
    const { bus } = new Bus(this, 'Bus', { name, archive: flags.archive });
    const setting: FunctionSetting = {
      prefix: name,
      sizes: functionSizes(configuration),
      code: props.code,
      key,
      logRetention: logRetentionDays,
      reserveConcurrency: flags.reservedConcurrency,
    };

    const webhooks = new WebhookEdge(this, 'WebhookEdge', {
      configuration,
      setting,
      stores,
      secrets,
      bus,
      key,
      waf: flags.waf,
    });
    const collection = new Collection(this, 'Collection', { configuration, setting, stores, bus, key, retain });
    const intake = new IntakeQueue(this, 'Intake', { setting, stores, bus, key, retain });
    const waiting = new WaitingIncidents(this, 'Waiting', { setting, stores, bus, key, retain });
    const untold = new DeadLetters(this, 'Untold', { key, retain }).queue;
    const investigation = new Investigation(this, 'Investigation', { configuration, setting, stores, secrets, untold });
    const questions = new Questions(this, 'Questions', { configuration, setting, stores, secrets, investigation });
    const people = new PeopleEdge(this, 'PeopleEdge', { configuration, setting, stores, secrets, key });
    const response = new Response(this, 'Response', { configuration, setting, stores, secrets, peopleUrl: people.url });
    const called = [...investigation.functions, ...response.functions];
    const workflow = new IncidentWorkflow(this, 'Incident', { setting, functions: called, bus, key, retain });
    const { stateMachine } = workflow;
    const rollBack = new RollBackOnDemand(this, 'RollBack', { configuration, setting, stores, secrets, key, called });
    const digests = new ChatDigests(this, 'Digests', { configuration, setting, stores, secrets, key, retain });
    const watch = new Watch(this, 'Watch', {
      configuration,
      setting,
      stores,
      secrets,
      bus,
      key,
      retain,
      publishers: investigation.publishers,
      untold,
    });
    const signIn = new SignIn(this, 'SignIn', { configuration, setting, secrets, people });
    const channels = new Channels(this, 'Channels', { configuration, setting, stores, secrets, people, key, retain });
    const delivery = new DecisionDelivery(this, 'Delivery', {
      setting,
      stores,
      stateMachines: [stateMachine, rollBack.stateMachine],
      key,
      retain,
    });
    const chasing = new ApprovalChasing(this, 'Chasing', {
      configuration,
      setting,
      stores,
      secrets,
      peopleUrl: people.url,
      key,
      retain,
    });
    const anchor = new AuditAnchor(this, 'Anchor', { setting, stores, key, signingKey: keys.anchorSigning, retain });
    const reconciliation = new Reconciliation(this, 'Reconciliation', {
      configuration,
      setting,
      stores,
      secrets,
      bus,
      key,
      retain,
    });

    const deadLetters: Readonly<Record<string, Queue>> = {
      ...(collection.undelivered ? { 'events-undelivered': collection.undelivered } : {}),
      'collected-given-up': collection.givenUp,
      'alerts-undelivered': intake.undelivered,
      'alerts-given-up': intake.givenUp,
      'waiting-given-up': waiting.givenUp,
      'incidents-undelivered': workflow.undelivered,
      ...(digests.givenUp ? { 'digests-given-up': digests.givenUp } : {}),
      'watches-given-up': watch.givenUp,
      'notes-untold': untold,
      'decisions-given-up': delivery.givenUp,
      'chasing-given-up': chasing.givenUp,
      ...(channels.givenUp ? { 'questions-given-up': channels.givenUp } : {}),
      'anchors-given-up': anchor.givenUp,
      ...(reconciliation.givenUp ? { 'polls-given-up': reconciliation.givenUp } : {}),
    };
    new Alarms(this, 'Alarms', {
      prefix: name,
      key,
      mail: alarmTopicMail,
      deadLetters,
      functions: [
        webhooks.receive,
        collection.collect,
        intake.normalize,
        waiting.announceWaiting,
        ...called,
        ...rollBack.functions,
        investigation.lookUp,
        digests.postDigest,
        questions.ask,
        watch.watch,
        people.decide,
        ...channels.functions,
        ...signIn.functions,
        delivery.deliverDecision,
        chasing.chaseApprovals,
        anchor.anchorAudit,
        reconciliation.poll,
      ],
      stateMachine,
      rollBack: rollBack.stateMachine,
      reconcile: reconciliation.stateMachine,
      bus,
      sources: Object.keys(configuration.sources),
      rules: { 'alert-received': intake.rule, 'incident-opened': workflow.rule, 'containment-drifted': watch.rule },
      defaultBusRules: collection.rules,
    });

    this.#tell({
      WebhookUrl: webhooks.url,
      ...(webhooks.domainTarget === undefined ? {} : { WebhookDomainTarget: webhooks.domainTarget }),
      WebhookApiId: webhooks.api.restApiId,
      WebhookStage: webhooks.api.deploymentStage.stageName,
      PeopleUrl: people.url,
      PeopleApiId: people.api.apiId,
      StateMachineArn: stateMachine.stateMachineArn,
      RollBackStateMachineArn: rollBack.stateMachine.stateMachineArn,
      AskFunction: questions.ask.lambda.functionName,
      IncidentsTable: stores.incidents.tableName,
      DeduplicationTable: stores.deduplication.tableName,
      ApprovalsTable: stores.approvals.tableName,
      AuditTable: stores.audit.tableName,
      EvidenceBucket: stores.evidence.bucketName,
      AnchorBucket: stores.anchors.bucketName,
      AnchorKeyId: keys.anchorSigning.keyId,
      BusName: bus.eventBusName,
      CollectQueueUrl: collection.queue.queueUrl,
      ...collection.senderQueueUrls,
      ...(collection.undelivered ? { EventsUndeliveredQueueUrl: collection.undelivered.queueUrl } : {}),
      CollectedGivenUpQueueUrl: collection.givenUp.queueUrl,
      IntakeQueueUrl: intake.queue.queueUrl,
      AlertsUndeliveredQueueUrl: intake.undelivered.queueUrl,
      AlertsGivenUpQueueUrl: intake.givenUp.queueUrl,
      WaitingGivenUpQueueUrl: waiting.givenUp.queueUrl,
      IncidentsUndeliveredQueueUrl: workflow.undelivered.queueUrl,
      ...(digests.givenUp ? { DigestsGivenUpQueueUrl: digests.givenUp.queueUrl } : {}),
      WatchesGivenUpQueueUrl: watch.givenUp.queueUrl,
      NotesUntoldQueueUrl: untold.queueUrl,
      DecisionsGivenUpQueueUrl: delivery.givenUp.queueUrl,
      ChasingGivenUpQueueUrl: chasing.givenUp.queueUrl,
      ...(channels.givenUp ? { QuestionsGivenUpQueueUrl: channels.givenUp.queueUrl } : {}),
      AnchorsGivenUpQueueUrl: anchor.givenUp.queueUrl,
      ...(reconciliation.givenUp ? { PollsGivenUpQueueUrl: reconciliation.givenUp.queueUrl } : {}),
      ReconcileStateMachineArn: reconciliation.stateMachine.stateMachineArn,
    });
  }

  /** Outputs are read by the command line and the laptop run: their names are an interface. */
  #tell(outputs: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

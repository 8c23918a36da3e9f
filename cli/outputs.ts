import * as z from 'zod';
import { SetupError } from './setup-error.ts';

/** What the stack tells about itself: keys of its CloudFormation outputs (infra writes exactly these). */
export const stackOutputsSchema = z.object({
  /** What `parapet ask` calls. */
  AskFunction: z.string(),
  IncidentsTable: z.string(),
  DeduplicationTable: z.string(),
  ApprovalsTable: z.string(),
  AuditTable: z.string(),
  EvidenceBucket: z.string(),
  AnchorBucket: z.string(),
  /** KMS key that signs the anchors. */
  AnchorKeyId: z.string(),
  BusName: z.string(),
  StateMachineArn: z.string(),
  /** What `parapet rollback` starts. */
  RollBackStateMachineArn: z.string(),
  ReconcileStateMachineArn: z.string(),
  /** Base address of the webhook edge, maybe with a slash at its end; see `webhookAddress`. */
  WebhookUrl: z.string(),
  /** Base address of the people edge. */
  PeopleUrl: z.string(),
  /** Where events of the default bus are collected; `WizQueueUrl`, `FalcoQueueUrl`: what these sources send to, if configured. */
  CollectQueueUrl: z.string(),
  WizQueueUrl: z.string().optional(),
  FalcoQueueUrl: z.string().optional(),
  EventsUndeliveredQueueUrl: z.string().optional(),
  CollectedGivenUpQueueUrl: z.string(),
  AlertsUndeliveredQueueUrl: z.string(),
  AlertsGivenUpQueueUrl: z.string(),
  WaitingGivenUpQueueUrl: z.string(),
  IncidentsUndeliveredQueueUrl: z.string(),
  DigestsGivenUpQueueUrl: z.string().optional(),
  WatchesGivenUpQueueUrl: z.string(),
  NotesUntoldQueueUrl: z.string(),
  DecisionsGivenUpQueueUrl: z.string(),
  ChasingGivenUpQueueUrl: z.string(),
  QuestionsGivenUpQueueUrl: z.string().optional(),
  AnchorsGivenUpQueueUrl: z.string(),
  PollsGivenUpQueueUrl: z.string().optional(),
});
export type StackOutputs = z.infer<typeof stackOutputsSchema>;

/** @throws SetupError when the stack is another version's, or none of ours */
export function parseOutputs(stack: string, outputs: Readonly<Record<string, string>>): StackOutputs {
  const parsed = stackOutputsSchema.safeParse(outputs);
  if (parsed.success) return parsed.data;
  const missing = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new SetupError(`Stack ${stack} has no output ${missing}: deploy it again with this version of Parapet.`, {
    cause: parsed.error,
  });
}

/** Where what could not be handled waits for a person, by what it was. */
export function deadLetterQueues(outputs: StackOutputs): Readonly<Record<string, string>> {
  return {
    ...(outputs.EventsUndeliveredQueueUrl === undefined
      ? {}
      : { 'events of AWS that did not reach their queue': outputs.EventsUndeliveredQueueUrl }),
    'events and messages that could not be taken': outputs.CollectedGivenUpQueueUrl,
    'alerts that did not reach their queue': outputs.AlertsUndeliveredQueueUrl,
    'alerts that could not be stored': outputs.AlertsGivenUpQueueUrl,
    'runs that announce waiting incidents': outputs.WaitingGivenUpQueueUrl,
    'incidents that did not reach their workflow': outputs.IncidentsUndeliveredQueueUrl,
    ...(outputs.DigestsGivenUpQueueUrl === undefined
      ? {}
      : { 'runs that post chat digests': outputs.DigestsGivenUpQueueUrl }),
    'later looks at what was contained': outputs.WatchesGivenUpQueueUrl,
    'news of drift that reached no ticket or chat': outputs.NotesUntoldQueueUrl,
    'decisions that were not delivered': outputs.DecisionsGivenUpQueueUrl,
    'runs that remind approvers': outputs.ChasingGivenUpQueueUrl,
    ...(outputs.QuestionsGivenUpQueueUrl === undefined
      ? {}
      : { 'questions that chat channels do not show': outputs.QuestionsGivenUpQueueUrl }),
    'audit anchors that were not written': outputs.AnchorsGivenUpQueueUrl,
    ...(outputs.PollsGivenUpQueueUrl === undefined
      ? {}
      : { 'polls that were not started': outputs.PollsGivenUpQueueUrl }),
  };
}

/** Where a source's alerts are posted to. */
export function webhookAddress(base: string, source: string): string {
  return `${base.replace(/\/+$/, '')}/webhooks/${source}`;
}

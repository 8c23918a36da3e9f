import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { emulatorSettings } from '../../cli/client-settings.ts';
import { authorizationFor, post } from '../../cli/commands/send.ts';
import type { Source } from '../../domain/source.ts';
import type { Laptop } from './laptop.ts';
import type { Delivery } from './story.ts';

/** What became of one delivery: an HTTP status, or whether AWS took it. */
export type Delivered = { readonly accepted: boolean; readonly answer: string };

/** Delivers as the vendor would, through the real edges. @returns one answer each, in order */
export async function deliver(
  laptop: Laptop,
  source: Source,
  deliveries: readonly Delivery[],
): Promise<readonly Delivered[]> {
  const answers: Delivered[] = [];
  for (const delivery of deliveries) answers.push(await deliverOne(laptop, source, delivery));
  return answers;
}

async function deliverOne(laptop: Laptop, source: Source, delivery: Delivery): Promise<Delivered> {
  switch (delivery.channel) {
    case 'webhook': {
      const { status } = await post(await authorizationFor(laptop.connection, source), delivery.body);
      return { accepted: status === 202, answer: String(status) };
    }
    case 'event-bus':
      return await putEvent(laptop, delivery.body);
    case 'queue':
      return await sendMessage(laptop, source, delivery.body);
  }
}

const eventSchema = z.looseObject({ source: z.string(), 'detail-type': z.string(), detail: z.unknown() });

/**
 * On the default bus, under the account of this machine. Nobody may put an event there under the name of an AWS service, at
 * AWS as at the emulator: such a one is put where the rule of the stack would put it, as the bus would have written it.
 */
async function putEvent({ run, settings, connection }: Laptop, body: Buffer): Promise<Delivered> {
  const event = eventSchema.parse(JSON.parse(body.toString('utf8')));
  if (event.source.startsWith('aws.')) {
    const { account, region } = settings;
    const text = JSON.stringify({ ...event, account, region });
    return await sendTo(connection.outputs.CollectQueueUrl, text, run);
  }
  const { FailedEntryCount = 0 } = await new EventBridgeClient(emulatorSettings(run)).send(
    new PutEventsCommand({
      Entries: [{ Source: event.source, DetailType: event['detail-type'], Detail: JSON.stringify(event.detail) }],
    }),
  );
  return { accepted: FailedEntryCount === 0, answer: FailedEntryCount === 0 ? 'taken by the default bus' : 'refused' };
}

async function sendMessage({ run, connection }: Laptop, source: Source, body: Buffer): Promise<Delivered> {
  const { WizQueueUrl, FalcoQueueUrl } = connection.outputs;
  const url = source === 'wiz' ? WizQueueUrl : source === 'falco' ? FalcoQueueUrl : undefined;
  if (url === undefined) throw new Error(`the configuration gives ${source} no queue`);
  return await sendTo(url, body.toString('utf8'), run);
}

async function sendTo(url: string, text: string, run: Laptop['run']): Promise<Delivered> {
  await new SQSClient(emulatorSettings(run)).send(new SendMessageCommand({ QueueUrl: url, MessageBody: text }));
  return { accepted: true, answer: 'taken by the queue' };
}

import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { s3Client } from '../connectors/store/s3/client.ts';
import type { ClientSettings } from './client-settings.ts';

/** What `doctor` asks of AWS. Each throws the SDK's error when AWS refuses. */
export interface Health {
  table(name: string): Promise<{ readonly status: string }>;
  bucket(name: string): Promise<void>;
  bus(name: string): Promise<void>;
  /** How many messages lie in a queue, in flight included. */
  messages(queueUrl: string): Promise<number>;
  /** The secret's text. Never print it. */
  secret(name: string): Promise<string>;
}

export function awsHealth(settings: ClientSettings): Health {
  const tables = new DynamoDBClient(settings);
  const buses = new EventBridgeClient(settings);
  const secrets = new SecretsManagerClient(settings);
  const queues = new SQSClient(settings);
  const buckets = s3Client(settings.endpoint ? { ...settings, forcePathStyle: true } : settings);
  return {
    async table(name) {
      const { Table } = await tables.send(new DescribeTableCommand({ TableName: name }));
      return { status: Table?.TableStatus ?? 'UNKNOWN' };
    },
    async bucket(name) {
      await buckets.send(new HeadBucketCommand({ Bucket: name }));
    },
    async bus(name) {
      await buses.send(new DescribeEventBusCommand({ Name: name }));
    },
    async messages(queueUrl) {
      const { Attributes } = await queues.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes ?? {};
      return Number(ApproximateNumberOfMessages ?? 0) + Number(ApproximateNumberOfMessagesNotVisible ?? 0);
    },
    async secret(name) {
      const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: name }));
      return SecretString ?? '';
    },
  };
}

import { CfnElement, Stack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Variable } from '../../connectors/runtime/environment.ts';
import { EVENT_SOURCE } from '../../domain/events.ts';
import type { Stores } from '../stages/stores.ts';
import type { Access } from './access.ts';

/** Raw alerts by their digest (`receive`, `normalize`); everything an incident has, by its id. */
export type EvidenceArea = 'alerts' | 'incidents';
type ObjectAction = 's3:GetObject' | 's3:PutObject';

interface Objects {
  readonly bucket: Bucket;
  readonly area: EvidenceArea | 'anchors';
  readonly actions: readonly ObjectAction[];
}

function objects(variable: Variable, sid: string, { bucket, area, actions }: Objects): Access {
  const resource = bucket.arnForObjects(`${area}/*`);
  return {
    environment: { [variable]: bucket.bucketName },
    statements: [new PolicyStatement({ sid, actions: [...actions], resources: [resource] })],
    key: { via: 's3', write: actions.includes('s3:PutObject') },
    wildcards: {
      [`Resource::<${logicalIdOf(bucket)}.Arn>/${area}/*`]:
        'keys of objects are made at run time: digests and incident ids',
    },
  };
}

function logicalIdOf(bucket: Bucket): string {
  const element = bucket.node.defaultChild;
  return CfnElement.isCfnElement(element) ? String(Stack.of(bucket).resolve(element.logicalId)) : '';
}

export function readEvidence({ evidence }: Stores, area: EvidenceArea): Access {
  return objects('EVIDENCE_BUCKET', `Read${area}`, { bucket: evidence, area, actions: ['s3:GetObject'] });
}
export function writeEvidence({ evidence }: Stores, area: EvidenceArea): Access {
  return objects('EVIDENCE_BUCKET', `Write${area}`, { bucket: evidence, area, actions: ['s3:PutObject'] });
}

/** What `ask` keeps below an incident: threads, packs with what was looked up, calls of models. Not evidence, analysis or plan. */
export function writeQuestions({ evidence }: Stores): Access {
  const resources = ['threads', 'packs', 'model'].map((folder) => `incidents/*/${folder}/*`);
  return {
    environment: { EVIDENCE_BUCKET: evidence.bucketName },
    statements: [
      new PolicyStatement({
        sid: 'WriteQuestions',
        actions: ['s3:PutObject'],
        resources: resources.map((keys) => evidence.arnForObjects(keys)),
      }),
    ],
    key: { via: 's3', write: true },
    wildcards: Object.fromEntries(
      resources.map((keys) => [
        `Resource::<${logicalIdOf(evidence)}.Arn>/${keys}`,
        'keys of objects are made at run time: incident ids, threads and random names',
      ]),
    ),
  };
}

/** Anchors are written and found again by their names; nothing may read another retention into them. */
export function writeAnchors({ anchors }: Stores): Access {
  const write = objects('ANCHOR_BUCKET', 'WriteAnchors', {
    bucket: anchors,
    area: 'anchors',
    actions: ['s3:PutObject'],
  });
  const list = new PolicyStatement({
    sid: 'FindLastAnchor',
    actions: ['s3:ListBucket'],
    resources: [anchors.bucketArn],
    conditions: { StringLike: { 's3:prefix': ['anchors/*'] } },
  });
  return { ...write, statements: [...write.statements, list] };
}

/** Puts events of the named types on our bus, under our own name. */
export function publishEvents(bus: EventBus, detailTypes: readonly string[]): Access {
  return {
    environment: { BUS_NAME: bus.eventBusName },
    statements: [
      new PolicyStatement({
        sid: 'PublishEvents',
        actions: ['events:PutEvents'],
        resources: [bus.eventBusArn],
        conditions: { StringEquals: { 'events:source': EVENT_SOURCE, 'events:detail-type': [...detailTypes] } },
      }),
    ],
  };
}

/** Calls one other function and waits for its answer. */
export function callFunction(variable: Variable, sid: string, { functionName, functionArn }: IFunction): Access {
  return {
    environment: { [variable]: functionName },
    statements: [new PolicyStatement({ sid, actions: ['lambda:InvokeFunction'], resources: [functionArn] })],
  };
}

/**
 * Mail from the one configured address. SES has identities for an address and for its domain; either may be the verified
 * one. A configuration set is a resource of its own in the same check.
 */
export function sendMail(
  scope: Construct,
  { from, configurationSet }: { readonly from: string; readonly configurationSet?: string | undefined },
): Access {
  const { partition, region, account } = Stack.of(scope);
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const identity = (name: string) => `arn:${partition}:ses:${region}:${account}:identity/${name}`;
  return {
    statements: [
      new PolicyStatement({
        sid: 'SendMail',
        actions: ['ses:SendEmail'],
        resources: [
          identity(from),
          identity(domain),
          ...(configurationSet === undefined
            ? []
            : [`arn:${partition}:ses:${region}:${account}:configuration-set/${configurationSet}`]),
        ],
        conditions: { StringEquals: { 'ses:FromAddress': from } },
      }),
    ],
  };
}

/** Signs anchors; the private key never leaves KMS. */
export function signAnchors(key: IKey): Access {
  return {
    environment: { ANCHOR_KEY_ID: key.keyId },
    statements: [
      new PolicyStatement({
        sid: 'SignAnchors',
        actions: ['kms:Sign'],
        resources: [key.keyArn],
        conditions: { StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256' } },
      }),
    ],
  };
}

import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  type GlobalSecondaryIndexPropsV2,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  type TablePropsV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { APPROVALS, AUDIT, DEDUPLICATION, INCIDENTS } from '../../connectors/store/tables.ts';

/** How long an anchor cannot be deleted by anybody; an auditor asks about the last business year. */
const ANCHOR_DAYS = 400;

interface StoresProps {
  readonly key: IKey;
  /** Keep tables and buckets when the stack is deleted. */
  readonly retain: boolean;
}

/** Everything that is kept: four tables (shape: connectors/store/tables.ts) and the buckets for bodies and anchors. */
export class Stores extends Construct {
  readonly incidents: TableV2;
  readonly deduplication: TableV2;
  readonly approvals: TableV2;
  readonly audit: TableV2;
  readonly evidence: Bucket;
  readonly anchors: Bucket;

  constructor(scope: Construct, id: string, props: StoresProps) {
    super(scope, id);
    const text = (name: string) => ({ name, type: AttributeType.STRING });
    const index = ({ name, pk, sk }: { name: string; pk: string; sk: string }): GlobalSecondaryIndexPropsV2 => ({
      indexName: name,
      partitionKey: text(pk),
      sortKey: text(sk),
    });
    this.incidents = this.#table('Incidents', props, {
      partitionKey: text(INCIDENTS.pk),
      sortKey: text(INCIDENTS.sk),
      timeToLiveAttribute: INCIDENTS.ttl,
      globalSecondaryIndexes: [index(INCIDENTS.listing), index(INCIDENTS.workload)],
    });
    this.deduplication = this.#table('Deduplication', props, {
      partitionKey: text(DEDUPLICATION.pk),
      timeToLiveAttribute: DEDUPLICATION.ttl,
    });
    this.approvals = this.#table('Approvals', props, {
      partitionKey: text(APPROVALS.pk),
      globalSecondaryIndexes: [index(APPROVALS.incident), index(APPROVALS.listing), index(APPROVALS.due)],
      // The new image is what the filter of deliver-decision looks at; the old one is never needed.
      dynamoStream: StreamViewType.NEW_IMAGE,
    });
    this.audit = this.#table('Audit', props, {
      partitionKey: text(AUDIT.pk),
      sortKey: { name: AUDIT.sk, type: AttributeType.NUMBER },
      globalSecondaryIndexes: [{ ...index(AUDIT.recent), projectionType: ProjectionType.KEYS_ONLY }],
    });
    const accessLogs = this.#accessLogs(props.retain);
    this.evidence = new Bucket(this, 'Evidence', {
      ...guarded(props.retain),
      ...encrypted(props.key),
      versioned: true,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'evidence/',
      lifecycleRules: [
        { noncurrentVersionExpiration: Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    this.anchors = new Bucket(this, 'Anchors', {
      ...guarded(props.retain),
      ...encrypted(props.key),
      versioned: true,
      objectLockEnabled: true,
      // Compliance mode cannot be undone by anybody, the root user included: not for a trial that will be deleted.
      objectLockDefaultRetention: props.retain
        ? ObjectLockRetention.compliance(Duration.days(ANCHOR_DAYS))
        : ObjectLockRetention.governance(Duration.days(ANCHOR_DAYS)),
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'anchors/',
    });
  }

  #accessLogs(retain: boolean): IBucket {
    const bucket: unknown = new Bucket(this, 'AccessLogs', {
      ...guarded(retain),
      // S3 delivers access logs only to buckets with its own encryption.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(365) }],
    });
    if (!isBucket(bucket)) throw new Error('aws-cdk-lib made something else than a bucket');
    return bucket;
  }

  #table(id: string, { key, retain }: StoresProps, shape: TablePropsV2): TableV2 {
    return new TableV2(this, id, {
      ...shape,
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.customerManagedKey(key),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: retain,
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}

/** A `Bucket` is an `IBucket`; only exactOptionalPropertyTypes holds one property of the library (`isWebsite`) against it. */
function isBucket(value: unknown): value is IBucket {
  return value instanceof Bucket;
}

function guarded(retain: boolean): BucketProps {
  return {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  };
}

/** The bucket key saves a call to KMS for each object. */
function encrypted(encryptionKey: IKey): BucketProps {
  return { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true };
}

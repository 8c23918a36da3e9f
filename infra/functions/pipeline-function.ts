import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  type Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Access, KeyUser } from '../permissions/access.ts';
import { accept } from '../permissions/nag.ts';
import type { FunctionName } from './names.ts';
import type { FunctionSize } from './sizes.ts';

/** What all functions share; one object for the whole stack. */
export interface FunctionSetting {
  readonly prefix: string;
  readonly sizes: Readonly<Record<FunctionName, FunctionSize>>;
  readonly code: (name: FunctionName) => Code;
  readonly key: IKey;
  readonly logRetention: RetentionDays;
  readonly reserveConcurrency: boolean;
}

interface PipelineFunctionProps {
  readonly verb: FunctionName;
  readonly setting: FunctionSetting;
  readonly access: readonly Access[];
  /** Used only where the deployment may reserve concurrency (flag). */
  readonly reserved?: number;
}

const READING = ['kms:Decrypt'];
/** DynamoDB and S3 use the key in the name of the caller; a writer needs new data keys too. */
const WRITING = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'];

/**
 * One verb of the pipeline: its bundle, its own role, its own log group. The role can do what `access` says, write its
 * log and its traces; nothing is granted from elsewhere.
 */
export class PipelineFunction extends Construct {
  readonly verb: FunctionName;
  readonly lambda: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, { verb, setting, access, reserved }: PipelineFunctionProps) {
    super(scope, id);
    this.verb = verb;
    const { memoryMb, timeout, does } = setting.sizes[verb];
    const functionName = `${setting.prefix}-${verb}`;
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: setting.logRetention,
      encryptionKey: setting.key,
      // Logs are for operating; what must be kept lies in tables and buckets. A fixed name left behind would stop the next deployment.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      description: `Parapet ${verb}: ${does}`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    for (const statement of this.#statements(setting.key, access)) this.role.addToPolicy(statement);
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName,
      description: `Parapet: ${does}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: setting.code(verb),
      memorySize: memoryMb,
      timeout,
      role: this.role,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      environment: Object.assign({}, ...access.map(({ environment }) => environment ?? {})),
      ...(reserved !== undefined && setting.reserveConcurrency ? { reservedConcurrentExecutions: reserved } : {}),
    });
    accept(this.role, {
      'IAM5[Resource::*]': 'xray:PutTraceSegments and xray:PutTelemetryRecords have no resource to name',
      ...wildcardReasons(access),
    });
  }

  #statements(key: IKey, access: readonly Access[]): PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: 'WriteOwnLog',
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [this.logGroup.logGroupArn],
      }),
      ...access.flatMap(({ statements }) => statements),
      ...keyStatement(Stack.of(this).region, key, access),
    ];
  }
}

function wildcardReasons(access: readonly Access[]): Record<string, string> {
  const reasons = access.flatMap(({ wildcards }) => Object.entries(wildcards ?? {}));
  return Object.fromEntries(reasons.map(([finding, reason]) => [`IAM5[${finding}]`, reason]));
}

/** The shared key, only through the services this function uses. */
function keyStatement(region: string, key: IKey, access: readonly Access[]): PolicyStatement[] {
  const via = (write: boolean): string[] => {
    const users = access.flatMap((one) => (one.key && (one.key.write || !write) ? [one.key.via] : []));
    return [...new Set<KeyUser>(users)].sort().map((service) => `${service}.${region}.amazonaws.com`);
  };
  const statement = (sid: string, actions: readonly string[], services: readonly string[]) =>
    services.length === 0
      ? []
      : [
          new PolicyStatement({
            sid,
            effect: Effect.ALLOW,
            actions: [...actions],
            resources: [key.keyArn],
            conditions: { StringEquals: { 'kms:ViaService': services } },
          }),
        ];
  return [
    ...statement('ReadWithSharedKey', READING, via(false)),
    ...statement('WriteWithSharedKey', WRITING, via(true)),
  ];
}

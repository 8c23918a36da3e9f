import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  EndpointType,
  type IResource,
  LambdaIntegration,
  LogGroupLogDestination,
  type MethodDeploymentOptions,
  MethodLoggingLevel,
  ResponseType,
  RestApi,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { webhooksOf } from '../../domain/config/channels.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { ALERT_RECEIVED } from '../../domain/events.ts';
import type { Source } from '../../domain/source.ts';
import { type FunctionSetting, PipelineFunction } from '../functions/pipeline-function.ts';
import { accept } from '../permissions/nag.ts';
import { publishEvents, writeEvidence } from '../permissions/outside.ts';
import type { SecretEntries } from './secret-entries.ts';
import type { Stores } from './stores.ts';
import { WebhookFirewall } from './webhook-firewall.ts';

interface WebhookEdgeProps {
  readonly configuration: Configuration;
  readonly setting: FunctionSetting;
  readonly stores: Stores;
  readonly secrets: SecretEntries;
  readonly bus: EventBus;
  readonly key: IKey;
  readonly waf: boolean;
}

const STAGE = 'v1';

type WebhookDomain = NonNullable<Configuration['deployment']['webhookDomain']>;

/** Seconds a throttled sender is asked to wait: the bucket fills again within one. */
const RETRY_AFTER_SECONDS = 5;

/**
 * POST /webhooks/SOURCE or /webhooks/SOURCE/{secret} -> receive -> bus. Each source has a resource of its own, so that each has a throttle
 * of its own: a source in a storm must not use up what the others may send. A REST API, because an HTTP API has neither a resource policy nor a web ACL.
 * Every media type counts as binary: bodies arrive in base64, so that `receive` sees the bytes that were sent (as text,
 * API Gateway would replace what is not UTF-8). A body of the 1 MB cap grows to 1.4 MB, well under Lambda's 6 MB.
 */
export class WebhookEdge extends Construct {
  readonly api: RestApi;
  readonly receive: PipelineFunction;
  readonly #domain: string | undefined;
  #domainTarget: string | undefined;

  constructor(scope: Construct, id: string, props: WebhookEdgeProps) {
    super(scope, id);
    const { configuration, setting, stores, secrets, bus } = props;
    const sources = webhooksOf(configuration.sources);
    const webhooks = sources.map(({ webhook }) => webhook);
    const { webhookDomain } = configuration.deployment;
    this.receive = new PipelineFunction(this, 'Receive', {
      verb: 'receive',
      setting,
      access: [
        writeEvidence(stores, 'alerts'),
        publishEvents(bus, [ALERT_RECEIVED]),
        secrets.read(webhooks.map(({ secret }) => secret)),
      ],
    });
    const accessLog = new LogGroup(this, 'AccessLog', {
      logGroupName: `/parapet/${setting.prefix}/webhook-access`,
      retention: setting.logRetention,
      encryptionKey: props.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    this.#domain = webhookDomain?.name;
    this.api = new RestApi(this, 'Api', {
      restApiName: `${setting.prefix}-webhooks`,
      description: 'Parapet: the address the CWPPs send their alerts to',
      endpointTypes: [EndpointType.REGIONAL],
      binaryMediaTypes: ['*/*'],
      policy: onlyFrom(webhooks.flatMap(({ allowedNetworks }) => allowedNetworks)),
      // API Gateway writes access logs only with a role of the account; without it the deployment fails.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      // A second way in would go round the client certificate.
      disableExecuteApiEndpoint: webhookDomain !== undefined,
      deployOptions: {
        stageName: STAGE,
        // Not traced: a trace of API Gateway holds the whole address, and the last part of one may be a credential.
        tracingEnabled: false,
        metricsEnabled: true,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: accessLogFormat(),
        // Errors only: the execution log of INFO would hold bodies.
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        // What all may send together; each source's own method is held to its own share below.
        throttlingRateLimit: Math.max(1, sum(webhooks.map(({ ratePerSecond }) => ratePerSecond))),
        throttlingBurstLimit: Math.max(1, sum(webhooks.map(({ burst }) => burst))),
        methodOptions: methodOptions(sources),
      },
    });
    // RestApi adds an output of its own; the stack's outputs are an interface, and this one is not in it.
    this.api.node.tryRemoveChild('Endpoint');
    this.#refuseWhatIsTooMuch();
    const integration = new LambdaIntegration(this.receive.lambda, { proxy: true, allowTestInvoke: false });
    const root = this.api.root.addResource('webhooks');
    // A deployment without any method is refused; without a source this one answers 404 to those who may not come anyway.
    const resources = sources.length === 0 ? [root] : sources.flatMap(({ source }) => resourcesOf(root, source));
    const methods = resources.map((resource) => resource.addMethod('POST', integration));
    if (webhookDomain) this.#serveAt(webhookDomain);
    if (props.waf) new WebhookFirewall(this, 'Firewall', { api: this.api, name: setting.prefix });
    for (const method of methods) {
      accept(method, {
        APIG4: 'receive authenticates the raw bytes itself; an authorizer of API Gateway does not see the body',
        COG4: 'the sender is a product, not a person; it has the credential of its source',
      });
    }
    accept(this.api.deploymentStage, {
      APIG6:
        'methods whose address holds a credential write no execution log; the access log and receive tell what came of a call',
    });
    accept(this.api, {
      APIG2:
        'receive checks size and shape itself and holds what it cannot understand; a model here would refuse, and lose, an alert',
      ...(props.waf
        ? {}
        : {
            APIG3: 'a web ACL is switched on by the flag waf; the resource policy lets only the configured networks in',
          }),
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]':
        'the role of the account by which API Gateway writes logs; AWS documents exactly this policy for it',
    });
  }

  /** Where the DNS name of the configuration must point to (CNAME or alias); undefined without such a name. */
  get domainTarget(): string | undefined {
    return this.#domainTarget;
  }

  /**
   * 429 with Retry-After. Nothing is lost by it: a throttled alert was never acknowledged, so its sender still has it and sends again,
   * and reconciliation fetches what a sender gave up.
   */
  #refuseWhatIsTooMuch(): void {
    this.api.addGatewayResponse('Throttled', {
      type: ResponseType.THROTTLED,
      statusCode: '429',
      responseHeaders: { 'Retry-After': `'${RETRY_AFTER_SECONDS}'` },
      templates: { 'application/json': '{"message":"Too many alerts of this source at once; send it again."}' },
    });
  }

  #serveAt({ name, certificateArn, truststoreUri }: WebhookDomain): void {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(truststoreUri ?? '') ?? [];
    const domain = this.api.addDomainName('Domain', {
      domainName: name,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      endpointType: EndpointType.REGIONAL,
      securityPolicy: SecurityPolicy.TLS_1_2,
      ...(bucket !== undefined && key !== undefined
        ? { mtls: { bucket: Bucket.fromBucketName(this, 'Truststore', bucket), key } }
        : {}),
    });
    this.#domainTarget = domain.domainNameAliasDomainName;
  }

  /** Base address without a slash at its end; a source's webhook is `<base>/webhooks/<source>`. */
  get url(): string {
    if (this.#domain !== undefined) return `https://${this.#domain}`;
    return `https://${this.api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${STAGE}`;
  }
}

/** `/webhooks/SOURCE` for a credential in a header, `/webhooks/SOURCE/{secret}` for one in the address: the secret says which. */
function resourcesOf(root: IResource, source: Source): readonly IResource[] {
  const own = root.addResource(source);
  return [own, own.addResource('{secret}')];
}

function methodOptions(sources: ReturnType<typeof webhooksOf>): Record<string, MethodDeploymentOptions> {
  return Object.fromEntries(
    sources.flatMap(({ source, webhook: { ratePerSecond, burst } }): [string, MethodDeploymentOptions][] => {
      const throttle = {
        throttlingRateLimit: ratePerSecond,
        throttlingBurstLimit: burst,
        metricsEnabled: true,
        dataTraceEnabled: false,
      };
      return [
        [`/webhooks/${source}/POST`, { ...throttle, loggingLevel: MethodLoggingLevel.ERROR }],
        // The execution log may name the address.
        [`/webhooks/${source}/{secret}/POST`, { ...throttle, loggingLevel: MethodLoggingLevel.OFF }],
      ];
    }),
  );
}

/** Everybody is denied who does not come from a configured network; no network configured means nobody. */
function onlyFrom(networks: readonly string[]): PolicyDocument {
  const everyone = { principals: [new AnyPrincipal()], actions: ['execute-api:Invoke'], resources: ['execute-api:/*'] };
  const allow = new PolicyStatement({ ...everyone, effect: Effect.ALLOW });
  const deny = new PolicyStatement({
    ...everyone,
    effect: Effect.DENY,
    ...(networks.length > 0 ? { conditions: { NotIpAddress: { 'aws:SourceIp': [...new Set(networks)].sort() } } } : {}),
  });
  return new PolicyDocument({ statements: [allow, deny] });
}

/**
 * Who, when, which source, what came of it. The resource instead of the path: the last part of a path may be a credential. The log is the only place that sees a body refused by the platform (between Lambda's 6 MB
 * and API Gateway's 10 MB). No headers and no bodies: they hold the credential.
 */
function accessLogFormat(): AccessLogFormat {
  return AccessLogFormat.custom(
    JSON.stringify({
      requestId: AccessLogField.contextRequestId(),
      time: AccessLogField.contextRequestTimeEpoch(),
      ip: AccessLogField.contextIdentitySourceIp(),
      method: AccessLogField.contextHttpMethod(),
      resource: AccessLogField.contextResourcePath(),
      status: AccessLogField.contextStatus(),
      responseBytes: AccessLogField.contextResponseLength(),
      latencyMs: AccessLogField.contextResponseLatency(),
      integrationStatus: AccessLogField.contextIntegrationStatus(),
      error: AccessLogField.contextErrorResponseType(),
    }),
  );
}

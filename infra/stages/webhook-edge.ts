import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Configuration } from '../../domain/config/schema.ts';
import { ALERT_RECEIVED } from '../../domain/events.ts';
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

/**
 * POST /webhooks/{source} -> receive -> bus. A REST API, because an HTTP API has neither a resource policy nor a web ACL.
 * Every media type counts as binary: bodies arrive in base64, so that `receive` sees the bytes that were sent (as text,
 * API Gateway would replace what is not UTF-8). A body of the 1 MB cap grows to 1.4 MB, well under Lambda's 6 MB.
 */
export class WebhookEdge extends Construct {
  readonly api: RestApi;
  readonly receive: PipelineFunction;

  constructor(scope: Construct, id: string, props: WebhookEdgeProps) {
    super(scope, id);
    const { configuration, setting, stores, secrets, bus } = props;
    const webhooks = Object.values(configuration.sources).flatMap((source) => (source ? [source.webhook] : []));
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
    this.api = new RestApi(this, 'Api', {
      restApiName: `${setting.prefix}-webhooks`,
      description: 'Parapet: the address the CWPPs send their alerts to',
      endpointTypes: [EndpointType.REGIONAL],
      binaryMediaTypes: ['*/*'],
      policy: onlyFrom(webhooks.flatMap(({ allowedNetworks }) => allowedNetworks)),
      // API Gateway writes access logs only with a role of the account; without it the deployment fails.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: STAGE,
        tracingEnabled: true,
        metricsEnabled: true,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: accessLogFormat(),
        // Errors only: the execution log of INFO would hold bodies.
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        // There is one method, and it serves every source: it gets what all of them may send together.
        throttlingRateLimit: Math.max(1, sum(webhooks.map(({ ratePerSecond }) => ratePerSecond))),
        throttlingBurstLimit: Math.max(1, sum(webhooks.map(({ burst }) => burst))),
      },
    });
    // RestApi adds an output of its own; the stack's outputs are an interface, and this one is not in it.
    this.api.node.tryRemoveChild('Endpoint');
    const method = this.api.root
      .addResource('webhooks')
      .addResource('{source}')
      .addMethod('POST', new LambdaIntegration(this.receive.lambda, { proxy: true, allowTestInvoke: false }));
    if (props.waf) new WebhookFirewall(this, 'Firewall', { api: this.api, name: setting.prefix });
    accept(method, {
      APIG4: 'receive authenticates the raw bytes itself; an authorizer of API Gateway does not see the body',
      COG4: 'the sender is a product, not a person; it has the credential of its source',
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

  /** Base address without a slash at its end; a source's webhook is `<base>/webhooks/<source>`. */
  get url(): string {
    return `https://${this.api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${STAGE}`;
  }
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
 * Who, when, what came of it. The log is the only place that sees a body refused by the platform (between Lambda's 6 MB
 * and API Gateway's 10 MB). No headers and no bodies: they hold the credential.
 */
function accessLogFormat(): AccessLogFormat {
  return AccessLogFormat.custom(
    JSON.stringify({
      requestId: AccessLogField.contextRequestId(),
      time: AccessLogField.contextRequestTimeEpoch(),
      ip: AccessLogField.contextIdentitySourceIp(),
      method: AccessLogField.contextHttpMethod(),
      path: AccessLogField.contextPath(),
      status: AccessLogField.contextStatus(),
      responseBytes: AccessLogField.contextResponseLength(),
      latencyMs: AccessLogField.contextResponseLatency(),
      integrationStatus: AccessLogField.contextIntegrationStatus(),
      error: AccessLogField.contextErrorResponseType(),
    }),
  );
}

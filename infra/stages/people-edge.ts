import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { rightsSecretsOf } from '../../domain/config/channels.ts';
import type { Configuration } from '../../domain/config/schema.ts';
import { type FunctionSetting, PipelineFunction } from '../functions/pipeline-function.ts';
import { askAccounts } from '../permissions/aws-targets.ts';
import { accept } from '../permissions/nag.ts';
import { readEvidence } from '../permissions/outside.ts';
import { appendAudit, readIncidents, settleApproval } from '../permissions/tables.ts';
import type { SecretEntries } from './secret-entries.ts';
import type { Stores } from './stores.ts';

/** People click; a rate above this is a program guessing links. */
const REQUESTS_PER_SECOND = 20;
const BURST = 40;

interface PeopleEdgeProps {
  readonly configuration: Configuration;
  readonly setting: FunctionSetting;
  readonly stores: Stores;
  readonly secrets: SecretEntries;
  readonly key: IKey;
}

/**
 * The address people open: approvals. Its own API, because its audience and its network rules are others than those of the
 * webhooks. GET, HEAD and OPTIONS go to the same function as POST, so that the page itself proves that they decide nothing.
 */
export class PeopleEdge extends Construct {
  readonly api: HttpApi;
  readonly decide: PipelineFunction;

  constructor(scope: Construct, id: string, { configuration, setting, stores, secrets, key }: PeopleEdgeProps) {
    super(scope, id);
    this.decide = new PipelineFunction(this, 'Decide', {
      verb: 'decide',
      setting,
      access: [
        settleApproval(stores),
        readIncidents(stores),
        appendAudit(stores),
        readEvidence(stores, 'incidents'),
        secrets.read([configuration.approvals.linkSecret, ...rightsSecretsOf(configuration)]),
        askAccounts(configuration),
      ],
    });
    this.api = new HttpApi(this, 'Api', {
      apiName: `${setting.prefix}-people`,
      description: 'Parapet: the address people decide at',
      createDefaultStage: false,
    });
    const accessLog = new LogGroup(this, 'AccessLog', {
      // This prefix spares the log group a place in the account's resource policy, which ends at 5,120 characters.
      logGroupName: `/aws/vendedlogs/${setting.prefix}/people-access`,
      retention: setting.logRetention,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: REQUESTS_PER_SECOND, burstLimit: BURST },
      accessLogSettings: { destination: new LogGroupLogDestination(accessLog), format: accessLogFormat() },
    });
    const routes = this.api.addRoutes({
      path: '/approvals/{id}',
      methods: [HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.POST],
      integration: new HttpLambdaIntegration('ToDecide', this.decide.lambda),
    });
    for (const route of routes) {
      accept(route, {
        APIG4:
          'decide checks the signed link and the rights of its person itself, with a page that explains a refusal (docs/decisions/0003)',
      });
    }
  }

  /** Base address without a slash at its end; the emulator answers this attribute with an address of its own. */
  get url(): string {
    return this.api.apiEndpoint;
  }
}

/** The route instead of the path, and no query: an approval link is a credential. */
function accessLogFormat(): AccessLogFormat {
  return AccessLogFormat.custom(
    JSON.stringify({
      requestId: AccessLogField.contextRequestId(),
      time: AccessLogField.contextRequestTimeEpoch(),
      ip: AccessLogField.contextIdentitySourceIp(),
      route: '$context.routeKey',
      status: AccessLogField.contextStatus(),
      responseBytes: AccessLogField.contextResponseLength(),
      latencyMs: AccessLogField.contextResponseLatency(),
      integrationError: '$context.integrationErrorMessage',
    }),
  );
}

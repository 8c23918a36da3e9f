import { Aws } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

/** Requests of one address in five minutes; a CWPP in a storm stays far below, and the throttle comes first. */
const REQUESTS_PER_ADDRESS = 20_000;

/**
 * Web ACL of the webhook edge: known bad addresses and a rate per address. The managed rules that look into bodies are left out
 * on purpose: an alert quotes the attack it reports (`${jndi:…}`, `curl … | sh`), and they would block exactly those.
 */
export class WebhookFirewall extends Construct {
  constructor(scope: Construct, id: string, props: { readonly api: RestApi; readonly name: string }) {
    super(scope, id);
    const seen = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
      cloudWatchMetricsEnabled: true,
      metricName,
      // Samples hold headers, and headers hold the sender's credential.
      sampledRequestsEnabled: false,
    });
    const acl = new CfnWebACL(this, 'Acl', {
      name: `${props.name}-webhooks`,
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: seen(`${props.name}-webhooks`),
      rules: [
        {
          name: 'known-bad-addresses',
          priority: 0,
          overrideAction: { none: {} },
          statement: {
            managedRuleGroupStatement: { vendorName: 'AWS', name: 'AWSManagedRulesAmazonIpReputationList' },
          },
          visibilityConfig: seen('known-bad-addresses'),
        },
        {
          name: 'rate-per-address',
          priority: 1,
          action: { block: {} },
          statement: { rateBasedStatement: { aggregateKeyType: 'IP', limit: REQUESTS_PER_ADDRESS } },
          visibilityConfig: seen('rate-per-address'),
        },
      ],
    });
    new CfnWebACLAssociation(this, 'Association', {
      webAclArn: acl.attrArn,
      resourceArn: `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}::/restapis/${props.api.restApiId}/stages/${props.api.deploymentStage.stageName}`,
    }).node.addDependency(props.api.deploymentStage);
  }
}

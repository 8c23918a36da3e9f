import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { SourcesConfiguration } from '../../domain/config/sources.ts';
import type { Access } from './access.ts';

/** Reading GuardDuty and Inspector, each only where its API is configured. There is no right to change anything there. */
export function readAwsFindings(scope: Construct, { guardduty, inspector }: SourcesConfiguration): readonly Access[] {
  return [
    ...(guardduty?.api ? [readGuardDuty(scope, guardduty.api.region)] : []),
    ...(inspector?.api ? [readInspector(inspector.api.region)] : []),
  ];
}

/** Calls without a resource of their own are held to the one region instead. */
const inRegion = (region: string) => ({ StringEquals: { 'aws:RequestedRegion': region } });
/** Stands in the place of the role's own reason, so it names X-Ray too. */
const NOTHING_TO_NAME =
  'guardduty:ListDetectors and the calls of Inspector have no resource to name, so a condition holds them to the configured region; the calls of X-Ray have none either';

function readGuardDuty(scope: Construct, region: string): Access {
  const { partition, account } = Stack.of(scope);
  const detectors = `arn:${partition}:guardduty:${region}:${account}:detector/*`;
  return {
    statements: [
      new PolicyStatement({
        sid: 'ReadGuardDuty',
        actions: ['guardduty:GetFindings', 'guardduty:ListFindings'],
        resources: [detectors],
      }),
      new PolicyStatement({
        sid: 'FindGuardDutyDetector',
        actions: ['guardduty:ListDetectors'],
        resources: ['*'],
        conditions: inRegion(region),
      }),
    ],
    wildcards: {
      [`Resource::${Stack.of(scope).resolve(detectors)}`]:
        'the id of the detector is known to GuardDuty only; an account has one in a region',
      'Resource::*': NOTHING_TO_NAME,
    },
  };
}

function readInspector(region: string): Access {
  return {
    statements: [
      new PolicyStatement({
        sid: 'ReadInspector',
        actions: [
          'inspector2:ListFindings',
          'inspector2:BatchGetFindingDetails',
          'inspector2:SearchVulnerabilities',
          'inspector2:GetClustersForImage',
        ],
        resources: ['*'],
        conditions: inRegion(region),
      }),
    ],
    wildcards: { 'Resource::*': NOTHING_TO_NAME },
  };
}

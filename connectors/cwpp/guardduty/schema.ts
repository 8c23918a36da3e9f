import * as z from 'zod';
import { anything, flag, integer, list, number, part, text, texts } from '../aws/fields.ts';

/**
 * What Parapet relies on of a GuardDuty finding, after the first letter of every key was lowered (aws/body.ts). Everything
 * is optional: which parts are there depends on the type of the finding (reference, B3).
 */
const processShape = {
  name: text,
  executablePath: text,
  executableSha256: text,
  pid: integer,
  pwd: text,
  startTime: anything,
  uuid: text,
  parentUuid: text,
  user: text,
  userId: integer,
  euid: integer,
};
const ancestorSchema = z.lazy(() => z.object(processShape));
export type Ancestor = z.infer<typeof ancestorSchema>;

const processSchema = z.lazy(() => z.object({ ...processShape, lineage: list(ancestorSchema) }));
export type GuardDutyProcess = z.infer<typeof processSchema>;
const process = z.lazy(() => processSchema.optional().catch(undefined));

const containerSchema = z.lazy(() =>
  z.object({
    id: text,
    name: text,
    image: text,
    imagePrefix: text,
    containerRuntime: text,
    securityContext: part({ privileged: flag, allowPrivilegeEscalation: flag }),
    volumeMounts: list(z.object({ name: text, mountPath: text })),
  }),
);
export type GuardDutyContainer = z.infer<typeof containerSchema>;

const tags = list(z.object({ key: text, value: text }));

const kubernetes = () =>
  part({
    kubernetesUserDetails: part({ username: text, uid: text, groups: texts }),
    kubernetesWorkloadDetails: part({
      name: text,
      type: text,
      uid: text,
      namespace: text,
      serviceAccountName: text,
      hostNetwork: flag,
      hostPID: flag,
      hostPid: flag,
      hostIPC: flag,
      hostIpc: flag,
      containers: list(containerSchema),
      volumes: list(z.object({ name: text, hostPath: part({ path: text }) })),
    }),
  });

const resource = () =>
  part({
    resourceType: text,
    eksClusterDetails: part({ name: text, arn: text, vpcId: text, tags }),
    kubernetesDetails: kubernetes(),
    ecsClusterDetails: part({
      name: text,
      arn: text,
      taskDetails: part({
        arn: text,
        definitionArn: text,
        group: text,
        launchType: text,
        containers: list(containerSchema),
      }),
    }),
    containerDetails: containerSchema.optional().catch(undefined),
    instanceDetails: part({
      instanceId: text,
      imageId: text,
      instanceType: text,
      availabilityZone: text,
      iamInstanceProfile: part({ arn: text, id: text }),
      networkInterfaces: list(
        z.object({
          networkInterfaceId: text,
          privateIpAddress: text,
          publicIp: text,
          vpcId: text,
          subnetId: text,
          securityGroups: list(z.object({ groupId: text, groupName: text })),
        }),
      ),
      tags,
    }),
    lambdaDetails: part({ functionName: text, functionArn: text }),
    accessKeyDetails: part({ accessKeyId: text, principalId: text, userName: text, userType: text }),
    s3BucketDetails: list(z.object({ name: text, arn: text, type: text })),
    rdsDbInstanceDetails: part({ dbInstanceIdentifier: text, dbInstanceArn: text, engine: text }),
  });

const remote = () =>
  part({
    ipAddressV4: text,
    ipAddressV6: text,
    country: part({ countryName: text }),
    organization: part({ asn: text, asnOrg: text, org: text }),
  });
const port = () => part({ port: integer, portName: text });
const local = () => part({ ipAddressV4: text });

const action = () =>
  part({
    actionType: text,
    networkConnectionAction: part({
      connectionDirection: text,
      protocol: text,
      blocked: flag,
      localIpDetails: local(),
      localPortDetails: port(),
      remoteIpDetails: remote(),
      remotePortDetails: port(),
    }),
    dnsRequestAction: part({ domain: text, protocol: text, blocked: flag }),
    portProbeAction: part({
      blocked: flag,
      portProbeDetails: list(
        z.object({ localPortDetails: port(), localIpDetails: local(), remoteIpDetails: remote() }),
      ),
    }),
    awsApiCallAction: part({
      api: text,
      serviceName: text,
      callerType: text,
      errorCode: text,
      userAgent: text,
      remoteIpDetails: remote(),
    }),
    kubernetesApiCallAction: part({
      requestUri: text,
      verb: text,
      userAgent: text,
      sourceIps: texts,
      statusCode: integer,
      resource: text,
      subresource: text,
      namespace: text,
      resourceName: text,
      remoteIpDetails: remote(),
    }),
  });

const indicators = list(z.object({ key: text, values: texts, title: text }));

const service = () =>
  part({
    serviceName: text,
    featureName: text,
    detectorId: text,
    resourceRole: text,
    action: action(),
    evidence: part({
      threatIntelligenceDetails: list(z.object({ threatListName: text, threatNames: texts, threatFileSha256: text })),
    }),
    count: integer,
    eventFirstSeen: anything,
    eventLastSeen: anything,
    archived: flag,
    additionalInfo: part({ type: text, value: text, sample: flag }),
    runtimeDetails: part({ process, context: z.record(z.string(), anything).optional().catch(undefined) }),
    detection: part({
      sequence: part({
        uid: text,
        description: text,
        signals: list(
          z.object({
            type: text,
            name: text,
            severity: number,
            count: integer,
            firstSeenAt: anything,
            signalIndicators: indicators,
          }),
        ),
        sequenceIndicators: indicators,
      }),
    }),
  });

export const findingSchema = z.lazy(() =>
  z.object({
    id: text,
    arn: text,
    type: text,
    title: text,
    description: text,
    accountId: text,
    region: text,
    severity: number,
    createdAt: anything,
    updatedAt: anything,
    associatedAttackSequenceArn: text,
    resource: resource(),
    service: service(),
  }),
);
export type GuardDutyFinding = z.infer<typeof findingSchema>;

/** A process named inside `runtimeDetails.context` (modifyingProcess, targetProcess). */
export function processIn(value: unknown): GuardDutyProcess | undefined {
  const parsed = processSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

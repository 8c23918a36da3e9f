import { randomInt } from 'node:crypto';
import { Agent as PlainAgent } from 'node:http';
import { Agent } from 'node:https';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { ulid } from 'ulid';
import { bus } from '../../connectors/bus/bus.ts';
import { bundledConfiguration, required } from '../../connectors/runtime/environment.ts';
import type { Telemetry } from '../../connectors/runtime/telemetry.ts';
import { secretsFrom } from '../../connectors/secrets/secrets.ts';
import { webhooksOf } from '../../domain/config/channels.ts';
import { credentialCheck } from './credential.ts';
import { networkCheck } from './networks.ts';
import type { ReceiveDeps } from './receive.ts';

/** A sender waits for our answer: a call that takes longer is answered 503 and sent again. */
const CONNECT_MS = 1_000;
const REQUEST_MS = 3_000;

/** Permissions: PutEvents on the bus, GetSecretValue on the webhook secrets, PutObject on `alerts/*` of the evidence bucket. */
export function compose(telemetry: Telemetry): ReceiveDeps {
  const now = () => new Date();
  const agent = { keepAlive: true, maxSockets: 50 };
  const requestHandler = new NodeHttpHandler({
    connectionTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    httpAgent: new PlainAgent(agent),
    httpsAgent: new Agent(agent),
  });
  let blobs: ReturnType<ReceiveDeps['blobs']> | undefined;
  return {
    webhooks: Object.fromEntries(
      webhooksOf(bundledConfiguration().sources).map(
        ({ source, webhook: { secret, bodyLimitBytes, allowedNetworks } }) => [
          source,
          { secret, bodyLimitBytes, mayCome: networkCheck(allowedNetworks) },
        ],
      ),
    ),
    credentials: credentialCheck({
      secrets: secretsFrom(new SecretsManagerClient({ requestHandler, maxAttempts: 2 })),
      telemetry,
      now,
    }),
    bus: bus({ client: new EventBridgeClient({ requestHandler, maxAttempts: 2 }), busName: required('BUS_NAME') }),
    blobs() {
      blobs ??= evidenceBucket();
      return blobs;
    },
    telemetry,
    now,
    newDeliveryId: () => ulid(undefined, pooledRandom),
  };
}

/** Node fills a pool for `randomInt`; ulid's own source asks the kernel for every character, which was 7 % of an alert. */
const pooledRandom = (): number => randomInt(32) / 32;

async function evidenceBucket() {
  const [{ s3Client }, { blobStore }] = await Promise.all([
    import('../../connectors/store/s3/client.ts'),
    import('../../connectors/store/s3/blobs.ts'),
  ]);
  return blobStore({ client: s3Client(), bucket: required('EVIDENCE_BUCKET') });
}

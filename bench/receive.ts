import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { type Figure, percentile } from './statistics.ts';

const PASSWORD = 'example-password';
const ALERTS = 20_000;
const WARM_UP = 2_000;
const CONCURRENCY = 4;

/** A body of exactly 832 bytes: the size of a small real runtime webhook. */
function body832(): string {
  const alert = {
    type: 'containerRuntime',
    time: 'Oct 14, 2025 09:16:04 UTC',
    containerID: '9c'.repeat(32),
    rule: 'payments-runtime',
    category: 'cryptoMinerProcess',
    message: '',
  };
  const missing = 832 - Buffer.byteLength(JSON.stringify(alert));
  return JSON.stringify({ ...alert, message: 'x'.repeat(missing) });
}

/**
 * The built bundle of `receive` in this process, its AWS calls answered by a local keep-alive server in another one.
 * Throughput is alerts answered 202 per second of wall time; latency is per call at the stated concurrency.
 */
export async function benchReceive(bundles: string): Promise<readonly Figure[]> {
  const { child, port } = await startServer();
  try {
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      BUS_NAME: 'bench',
      EVIDENCE_BUCKET: 'bench',
    });
    const module: unknown = await import(pathToFileURL(join(bundles, 'receive', 'index.mjs')).href);
    const { handler } = z
      .object({
        handler: z.custom<(event: unknown, context: unknown) => Promise<{ statusCode: number }>>(
          (value) => typeof value === 'function',
        ),
      })
      .parse(module);
    const headers = {
      'Content-Type': 'application/json',
      Authorization: `Basic ${Buffer.from(`parapet:${PASSWORD}`).toString('base64')}`,
    };
    const event = {
      httpMethod: 'POST',
      path: '/webhooks/prisma-cloud-compute',
      pathParameters: { source: 'prisma-cloud-compute' },
      headers,
      multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      requestContext: { identity: { sourceIp: '127.0.0.1' } },
      isBase64Encoded: false,
      body: body832(),
    };
    const context = {
      functionName: 'receive',
      functionVersion: '1',
      awsRequestId: 'bench',
      memoryLimitInMB: '512',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:receive',
      getRemainingTimeInMillis: () => 10_000,
    };
    const call = async (): Promise<number> => {
      const begun = performance.now();
      const answer = await handler(event, context);
      if (answer.statusCode !== 202)
        throw new Error(`receive answered ${answer.statusCode}: ${JSON.stringify(answer)}`);
      return performance.now() - begun;
    };
    // Logs and metrics are made as on Lambda; here they end before the terminal.
    const write = process.stdout.write;
    process.stdout.write = () => true;
    await inParallel(WARM_UP, call);
    const cpuBefore = process.cpuUsage();
    const begun = performance.now();
    const times = await inParallel(ALERTS, call);
    const seconds = (performance.now() - begun) / 1000;
    const cpu = process.cpuUsage(cpuBefore);
    process.stdout.write = write;
    return [
      {
        what: `receive, 832-byte body, ${CONCURRENCY} at a time`,
        measured: ALERTS / seconds,
        unit: 'alerts/s',
        mustBe: { atLeast: 1000 },
      },
      { what: 'receive, p50', measured: percentile(times, 50), unit: 'ms' },
      { what: 'receive, p99', measured: percentile(times, 99), unit: 'ms', mustBe: { atMost: 20 } },
      { what: 'receive, processor time per alert', measured: (cpu.user + cpu.system) / ALERTS / 1000, unit: 'ms' },
    ];
  } finally {
    child.stdin?.end();
  }
}

async function inParallel(count: number, call: () => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  let left = count;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      times.push(await call());
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return times;
}

function startServer(): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'aws-server.ts'), PASSWORD], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.stdout.once('data', (data) => resolve({ child, port: Number(String(data).trim()) }));
  });
}

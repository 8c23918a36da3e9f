import * as z from 'zod';

const schedulesSchema = z.object({ Schedules: z.array(z.object({ Name: z.string() })) });
const scheduleSchema = z.object({ Target: z.looseObject({ Arn: z.string() }) });

/**
 * Lets a schedule of the stack come due: one that fires once is made with the target, the role and the input of the deployed
 * one. EventBridge Scheduler as the emulator speaks it, by hand: nothing of ours calls it, so its client is no package of
 * ours. The emulator looks for due schedules every ten seconds.
 */
export async function comeDue(endpoint: string, isTarget: (arn: string) => boolean): Promise<void> {
  const { Schedules } = schedulesSchema.parse(await call(endpoint, 'GET', '/schedules'));
  const all = await Promise.all(
    Schedules.map(async ({ Name }) => scheduleSchema.parse(await call(endpoint, 'GET', `/schedules/${Name}`))),
  );
  const wanted = all.filter(({ Target }) => isTarget(Target.Arn));
  const [deployed] = wanted;
  if (deployed === undefined || wanted.length > 1) throw new Error(`${wanted.length} schedules have this target`);
  await call(endpoint, 'POST', `/schedules/due-${crypto.randomUUID()}`, {
    ScheduleExpression: `at(${new Date().toISOString().slice(0, 19)})`,
    FlexibleTimeWindow: { Mode: 'OFF' },
    ActionAfterCompletion: 'DELETE',
    Target: deployed.Target,
  });
}

async function call(endpoint: string, method: string, path: string, body?: unknown): Promise<unknown> {
  const scope = 'test/20261125/us-east-1/scheduler/aws4_request';
  const response = await fetch(`${endpoint}${path}`, {
    method,
    // The emulator routes by the scope of the credential and checks no signature.
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}

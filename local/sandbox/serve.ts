import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import * as z from 'zod';
import { json, type Misbehaviour, type SandboxCall, type SandboxReply, type SandboxSystem } from './system.ts';

export interface SandboxServer {
  readonly port: number;
  readonly url: string;
  /** Every call received, oldest first, credentials included: this is a sandbox with invented ones. */
  readonly calls: readonly (SandboxCall & { readonly system: string })[];
  misbehave(rule: Misbehaviour): void;
  /** Ends every fault that is left. */
  behave(): void;
  close(): Promise<void>;
}

const misbehaviourSchema = z.object({
  system: z.string(),
  method: z.string().optional(),
  path: z.string().optional(),
  times: z.number().int().positive().optional(),
  reply: z.union([
    z.object({
      status: z.number().int(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.string().optional(),
    }),
    z.object({ hangMs: z.number().int().positive().max(120_000) }),
    z.object({ cutAfterBytes: z.number().int().nonnegative() }),
    z.object({ stallAfterBytes: z.number().int().nonnegative() }),
    z.object({ endless: z.literal(true) }),
  ]),
});

const MAX_BODY = 8_000_000;
const MAX_KEPT_CALLS = 20_000;

/**
 * Serves systems on 127.0.0.1. With `mount: 'prefix'` each answers below `/<name>`; a single system mounted at `root`
 * answers everywhere (the Kubernetes API server). `/_sandbox/<name>` shows a view, `/_sandbox/calls` what was received,
 * `POST /_sandbox/misbehave` plays a fault, and DELETE there ends all that are left.
 */
export async function serve(options: {
  readonly systems: Readonly<Record<string, SandboxSystem>>;
  readonly mount: 'prefix' | 'root';
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}): Promise<SandboxServer> {
  const calls: (SandboxCall & { system: string })[] = [];
  const faults: { rule: Misbehaviour; left: number }[] = [];
  const misbehave = (rule: Misbehaviour): void => {
    faults.push({ rule, left: rule.times ?? 1 });
  };
  const listener: RequestListener = (request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`sandbox fault: ${String(error)}`);
    });
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://sandbox');
    const body = await readBody(request);
    if (url.pathname.startsWith('/_sandbox/')) {
      send(response, control(request.method ?? 'GET', url.pathname.slice('/_sandbox/'.length), body));
      return;
    }
    const [name, path] = locate(url.pathname);
    const system = name === undefined ? undefined : options.systems[name];
    if (name === undefined || system === undefined) {
      send(response, json(404, { message: `no sandbox system at ${url.pathname}` }));
      return;
    }
    const call: SandboxCall = {
      method: request.method ?? 'GET',
      path,
      query: url.searchParams,
      headers: headersOf(request),
      body,
    };
    if (calls.length < MAX_KEPT_CALLS) calls.push({ ...call, system: name });
    const fault = takeFault(name, call);
    if (fault === undefined) send(response, await system.handle(call));
    else await play(response, fault.reply);
  }

  function locate(pathname: string): readonly [string | undefined, string] {
    if (options.mount === 'root') return [Object.keys(options.systems)[0], pathname];
    const [, name, ...rest] = pathname.split('/');
    return [name, `/${rest.join('/')}`];
  }

  function takeFault(system: string, call: SandboxCall): Misbehaviour | undefined {
    const fault = faults.find(
      ({ rule, left }) =>
        left > 0 &&
        rule.system === system &&
        (rule.method === undefined || rule.method === call.method) &&
        (rule.path === undefined || new RegExp(rule.path).test(call.path)),
    );
    if (fault) fault.left -= 1;
    return fault?.rule;
  }

  function control(method: string, what: string, body: string): SandboxReply {
    if (method === 'DELETE' && what === 'misbehave') {
      faults.splice(0);
      return json(200, { ok: true });
    }
    if (method === 'POST' && what === 'misbehave') {
      const parsed = misbehaviourSchema.safeParse(JSON.parse(body));
      if (!parsed.success) return json(400, { message: z.prettifyError(parsed.error) });
      misbehave(toRule(parsed.data));
      return json(200, { ok: true });
    }
    if (what === 'calls')
      return json(
        200,
        calls.map(({ query, ...call }) => ({ ...call, query: query.toString() })),
      );
    const system = options.systems[what];
    return system ? json(200, system.view()) : json(404, { message: `no sandbox system ${what}` });
  }

  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await listen(server, options.port ?? 0);
  return {
    port,
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    calls,
    misbehave,
    behave: () => void faults.splice(0),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the sandbox has no TCP address'));
      else resolve(address.port);
    });
  });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > MAX_BODY) throw new Error('body too large for the sandbox');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

function send(response: ServerResponse, reply: SandboxReply): void {
  response.writeHead(reply.status, { ...reply.headers }).end(reply.body ?? '');
}

async function play(response: ServerResponse, reply: Misbehaviour['reply']): Promise<void> {
  if ('status' in reply) {
    send(response, reply);
  } else if ('hangMs' in reply) {
    await new Promise((resolve) => setTimeout(resolve, reply.hangMs).unref());
    response.destroy();
  } else if ('stallAfterBytes' in reply) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`{"${'x'.repeat(reply.stallAfterBytes)}`);
  } else if ('endless' in reply) {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = (): void => {
      while (!response.destroyed && response.write(' '.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  } else {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': String(reply.cutAfterBytes + 1000),
    });
    response.write('{'.repeat(reply.cutAfterBytes), () => response.destroy());
  }
}

/** zod's optional is `T | undefined`; the rule's is absent. */
function toRule(data: z.infer<typeof misbehaviourSchema>): Misbehaviour {
  const { method, path, times, reply } = data;
  return {
    system: data.system,
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path }),
    ...(times === undefined ? {} : { times }),
    reply:
      'status' in reply
        ? {
            status: reply.status,
            ...(reply.headers === undefined ? {} : { headers: reply.headers }),
            ...(reply.body === undefined ? {} : { body: reply.body }),
          }
        : reply,
  };
}

import { isIP } from 'node:net';
import { present } from '../../../domain/ocsf/present.ts';
import type { SeenConnection, SeenFile } from '../detection/detection.ts';
import type { Fields } from './fields.ts';

const ACCEPTING = /^(?:accept4?|listen|bind|recvfrom|recvmsg)$/;
const WRITING_CALLS =
  /^(?:unlink|unlinkat|rename|renameat2?|creat|link|linkat|symlink|symlinkat|f?chmod(?:at)?|truncate)$/;
const WRITING_FLAGS = /\bO_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND)\b/;

interface Address {
  readonly ip: string;
  readonly port: number;
}

/** `client:port->server:port`: Falco's name of a connected socket. Undefined when there is no usable server side. */
export function connectionOf(fields: Fields): SeenConnection | undefined {
  const [client, server] = sidesOf(fields);
  if (server === undefined) return undefined;
  const inbound = ACCEPTING.test(fields.text('evt.type') ?? '');
  return present({
    direction: inbound ? ('inbound' as const) : ('outbound' as const),
    sourceIp: client?.ip,
    sourcePort: client?.port,
    destinationIp: server.ip,
    destinationPort: server.port,
    protocol: fields.text('fd.l4proto')?.slice(0, 20).toLowerCase(),
  });
}

function sidesOf(fields: Fields): readonly [client: Address | undefined, server: Address | undefined] {
  const name = fields.text('fd.name') ?? '';
  const arrow = name.indexOf('->');
  const server =
    addressOf(fields.text('fd.sip'), fields.count('fd.sport')) ??
    (arrow === -1 ? undefined : parseAddress(name.slice(arrow + 2))) ??
    addressOf(fields.text('fd.rip'), fields.count('fd.rport'));
  const client =
    addressOf(fields.text('fd.cip'), fields.count('fd.cport')) ??
    (arrow === -1 ? undefined : parseAddress(name.slice(0, arrow))) ??
    addressOf(fields.text('fd.lip'), fields.count('fd.lport'));
  return [client, server];
}

function parseAddress(text: string): Address | undefined {
  const colon = text.lastIndexOf(':');
  const port = text.slice(colon + 1);
  if (colon === -1 || !/^\d{1,5}$/.test(port)) return undefined;
  return addressOf(text.slice(0, colon).replace(/^\[|\]$/g, ''), Number(port));
}

function addressOf(ip: string | undefined, port: number | undefined): Address | undefined {
  return ip !== undefined && isIP(ip) !== 0 && port !== undefined && port <= 65_535 ? { ip, port } : undefined;
}

/** The file the event is about; a socket's name is none. */
export function fileOf(fields: Fields): SeenFile | undefined {
  const path = fields.text('fs.path.name') ?? fields.text('fd.name');
  if (path === undefined || !path.startsWith('/') || path.includes('->')) return undefined;
  return { path, access: writes(fields) ? 'written' : 'read' };
}

function writes(fields: Fields): boolean {
  return (
    fields.flag('evt.is_open_write') ||
    WRITING_CALLS.test(fields.text('evt.type') ?? '') ||
    WRITING_FLAGS.test(fields.text('evt.arg.flags') ?? '')
  );
}

import { isIP } from 'node:net';

/** What the vendor's sentence says in a form code can use. All of it is text the workload could have chosen. */
export interface MessageReading {
  readonly processPath?: string;
  readonly parentPath?: string;
  readonly commandLine?: string;
  readonly dns?: { readonly name: string; readonly type?: string };
  readonly file?: string;
  readonly ip?: string;
  readonly port?: number;
}

/** Expressions run on at most this much: a sentence says it early, and a hostile one must not buy time. */
const READ_CHARACTERS = 4096;

// Sentences seen in the vendor's own API examples (samples SOURCES): "<path> launched by <path> and is identified as …",
// "<path> launched but is not found in the runtime model. Full command: …", "DNS resolution of name <name>, type <type> …".
const LAUNCHED = /^(?:In the past \d{1,6} minutes?,? )?(\/[^\s,]{1,1024}) launched(?: by (\/[^\s,]{1,1024}))?/;
const FULL_COMMAND = /\bFull command: (.{1,2048})/s;
const DNS = /\bDNS resolution of name ([^\s,]{1,253}), type ([A-Z]{1,10})\b/;
// Shapes of network and file sentences are unverified: an address, a port or a path is only taken where the words before it say what it is.
const ADDRESS = /\b(?:IP|ip|address|to)[: ]{1,2}\[?([0-9A-Fa-f.:]{3,45})\]?/;
const PORT = /\bport[: ]{1,2}(\d{1,5})\b/i;
const WRITTEN = /\b(?:wrote|changed|created|modified|downloaded)\b[^/\n]{0,80}(\/[^\s,]{1,1024})/;

/** Reads the sentence; what it does not say stays absent. Linear in the (capped) length. */
export function readMessage(message: string): MessageReading {
  const text = message.slice(0, READ_CHARACTERS).toWellFormed();
  const launched = LAUNCHED.exec(text);
  const command = FULL_COMMAND.exec(text)?.[1]?.trim();
  const dns = DNS.exec(text);
  const ip = addressIn(text);
  const port = Number(PORT.exec(text)?.[1] ?? 0);
  const file = withoutFullStop(WRITTEN.exec(text)?.[1]);
  const parent = withoutFullStop(launched?.[2]);
  return {
    ...(launched?.[1] ? { processPath: launched[1] } : {}),
    ...(parent ? { parentPath: parent } : {}),
    ...(command ? { commandLine: command } : {}),
    ...(dns?.[1] ? { dns: { name: dns[1], ...(dns[2] ? { type: dns[2] } : {}) } } : {}),
    ...(file ? { file } : {}),
    ...(ip ? { ip } : {}),
    ...(port > 0 && port < 65_536 ? { port } : {}),
  };
}

function addressIn(text: string): string | undefined {
  const candidate = ADDRESS.exec(text)?.[1]?.replace(/[.:]+$/, '');
  return candidate !== undefined && isIP(candidate) !== 0 ? candidate : undefined;
}

/** A path at the end of a sentence: `/bin/sh.` names `/bin/sh`. */
function withoutFullStop(path: string | undefined): string | undefined {
  return path?.replace(/[.;]+$/, '') || undefined;
}

/**
 * Loaded into every Lambda worker of the emulator before its own script (NODE_OPTIONS, see start.ts).
 *
 * MiniStack's worker replaces `https.request` by one that turns calls to 127.0.0.1 into plain http, because CDK's custom
 * resources call its own gateway that way. The sandbox's Kubernetes API also lives on 127.0.0.1, and it speaks TLS with
 * an authority of its own, as a cluster does. So a call that names another port than the gateway's stays what it is.
 */
const https = require('node:https');

const original = https.request;
let replaced = original;

function portOf(input, options) {
  if (typeof input === 'string' || input instanceof URL) return new URL(input).port || options?.port;
  return input?.port;
}

Object.defineProperty(https, 'request', {
  configurable: true,
  enumerable: true,
  get: () => request,
  set(replacement) {
    replaced = replacement;
  },
});

function request(...args) {
  const port = portOf(args[0], args[1]);
  const elsewhere = port && !['443', process.env.GATEWAY_PORT].includes(String(port));
  return Reflect.apply(elsewhere ? original : replaced, https, args);
}

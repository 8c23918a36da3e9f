import * as z from 'zod';

/** Secrets are names of entries, never values. */
export const secretName = z
  .string()
  .regex(/^[A-Za-z0-9/_+=.@-]{1,256}$/, 'must be the name of a Secrets Manager entry (letters, digits and /_+=.@-)')
  .describe('Name of a Secrets Manager entry. Never the secret itself.');

const pattern = z.string().min(1).describe('An exact name, or * for any.');

/** A scope matches when every given field matches; a missing field matches all. */
export const scopeSchema = z.strictObject({
  account: pattern.optional(),
  cluster: pattern.optional(),
  namespace: pattern.optional(),
  environment: pattern.optional(),
});

/** Plain http is for loopback only: a token must not cross a network in the clear. */
export const serviceUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => isHttpsOrLoopback(url), 'must be https (http is allowed for 127.0.0.1 and localhost only)');

function isHttpsOrLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || hostname === '127.0.0.1' || hostname === 'localhost' || hostname === '[::1]';
}

export const cidr = z
  .string()
  .regex(
    /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$|^[0-9a-fA-F:]+\/\d{1,3}$/,
    'must be a network in CIDR form, e.g. 203.0.113.0/24',
  )
  // The pattern is for editors; it lets 999.0.0.0/40 through, which would stop receive when it starts.
  .refine(
    (network) => z.cidrv4().safeParse(network).success || z.cidrv6().safeParse(network).success,
    'must be a network in CIDR form, e.g. 203.0.113.0/24',
  );

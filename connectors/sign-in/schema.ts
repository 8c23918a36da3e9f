import * as z from 'zod';

/** What we rely on of a discovery document (OpenID Connect Discovery 1.0, 3). */
export const discoverySchema = z.lazy(() =>
  z.object({
    issuer: z.string(),
    authorization_endpoint: z.url(),
    token_endpoint: z.url(),
    jwks_uri: z.url(),
    /** RFC 9207: then every answer names its issuer. */
    authorization_response_iss_parameter_supported: z.boolean().default(false),
  }),
);
export type Discovery = z.infer<typeof discoverySchema>;

export const jwksSchema = z.lazy(() => z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) }));

/** The access token beside it is not for us. */
export const tokenAnswerSchema = z.lazy(() => z.object({ id_token: z.string().min(1).max(16_000) }));

export const clientSecretSchema = z.lazy(() => z.object({ clientSecret: z.string().min(1) }));

export const idClaimsSchema = z.lazy(() =>
  z.object({
    sub: z.string().min(1).max(255),
    aud: z.union([z.string(), z.array(z.string())]),
    azp: z.string().optional(),
    nonce: z.string(),
    auth_time: z.number().int().positive(),
    acr: z.string().optional(),
    amr: z.array(z.string()).optional(),
  }),
);

/** A sign-in that is under way in one browser. */
export const underWaySchema = z.lazy(() =>
  z.object({
    state: z.string(),
    nonce: z.string(),
    verifier: z.string(),
    approvalId: z.string(),
    person: z.string(),
    link: z.string(),
    redirectUri: z.string(),
    issuer: z.string(),
  }),
);
export type UnderWay = z.infer<typeof underWaySchema>;

/** Who has signed in, for one question and one link. */
export const sessionSchema = z.lazy(() =>
  z.object({
    sub: z.string(),
    per: z.string(),
    link: z.string(),
    idp: z.string(),
    who: z.string(),
    /** Epoch seconds: when the provider says they signed in. */
    at: z.number().int().positive(),
  }),
);

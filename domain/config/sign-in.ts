import * as z from 'zod';
import { secretName, serviceUrl } from './fields.ts';

const names = z.array(z.string().min(1).max(255)).min(1).max(10).optional();

/** The identity provider at which approvers prove who they are. */
export const signInSchema = z.strictObject({
  issuer: serviceUrl
    .refine((url) => URL.canParse(url) && new URL(url).search === '' && new URL(url).hash === '', {
      message: 'must be the issuer exactly as the provider writes it, without query and fragment',
    })
    .describe('Issuer identifier of the OpenID provider, exactly as it stands in its discovery document.'),
  clientId: z.string().min(1).max(255),
  clientSecret: secretName
    .optional()
    .describe('JSON {"clientSecret"}. Absent: a public client, which proves itself by PKCE alone.'),
  maxAgeSeconds: z
    .number()
    .int()
    .min(60)
    .max(12 * 3600)
    .default(900)
    .describe('An approval counts only if its person signed in no longer ago than this.'),
  acr: names.describe('One of these must be the claim `acr`, e.g. a level that means a second factor.'),
  amr: names.describe('Each of these must be in the claim `amr`, e.g. mfa.'),
});
export type SignInConfiguration = z.infer<typeof signInSchema>;

import * as z from 'zod';

/** What we rely on of Vault's answers. */
export const loginAnswerSchema = z.looseObject({
  auth: z.looseObject({ client_token: z.string().min(1), lease_duration: z.number().nonnegative() }),
});

/** KV version 2 nests: the value is in `data.data`, its metadata beside it. A deleted version has null there. */
export const secretAnswerSchema = z.looseObject({
  data: z.looseObject({ data: z.record(z.string(), z.unknown()) }),
});

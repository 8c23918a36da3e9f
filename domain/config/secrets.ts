import * as z from 'zod';
import { serviceUrl } from './fields.ts';

/** A mount or role of Vault: one path part, so that a name cannot lead elsewhere. */
const vaultName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, 'must be letters, digits, dot, dash and underscore');
const vaultPath = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/, 'must be names joined by single slashes');

/**
 * Where the credentials of other systems lie. What Parapet issues itself (webhook credentials, the key of approval links)
 * stays in Secrets Manager in any case: the stack generates it there.
 */
export const secretStoreSchema = z
  .strictObject({
    kind: z.literal('vault'),
    address: serviceUrl.describe('Address of Vault, e.g. https://vault.example.com:8200.'),
    namespace: vaultPath.optional().describe('Vault Enterprise or HCP: the namespace of mounts and roles.'),
    role: vaultName.describe('Role of the AWS auth method for functions that read.'),
    writeRole: vaultName
      .optional()
      .describe('Role for functions that change a target; it alone may read the write credentials.'),
    authMount: vaultPath.default('aws'),
    kvMount: vaultPath.default('secret').describe('Mount of the KV version 2 engine.'),
    pathPrefix: vaultPath.optional().describe('Put before every secret name, e.g. security/parapet.'),
    serverId: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .describe("iam_server_id_header_value of the auth mount. Absent: the address's host name."),
    stsRegion: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be an AWS region such as eu-central-1')
      .optional()
      .describe('Region of the STS endpoint the auth mount is configured for. Absent: the region of the stack.'),
  })
  .refine(({ role, writeRole }) => role !== writeRole, {
    path: ['writeRole'],
    message: 'must be another role than role: reading and containing use different credentials',
  });
export type VaultConfiguration = z.infer<typeof secretStoreSchema>;

/**
 * The one credential of each vendor's sandbox that may answer alerts, in the shape of the secret that holds it. The scenarios hold
 * those that may only read. All of it is invented.
 */
export const WRITERS = {
  'prisma-cloud-compute': { username: 'parapet-writer', password: 'sandbox-only-write-password' },
  'prisma-cloud': { accessKeyId: '0a1b2c3d-sandbox-writer', secretKey: 'invented-writing-secret-of-the-sandbox' },
  wiz: { clientId: 'sandbox-writer', clientSecret: 'sandbox-secret-of-parapet-write' },
  lacework: { keyId: 'EXAMPLE_1111111111111111111111111111111111111111', secret: '_sandbox-lacework-writing-secret' },
} as const;

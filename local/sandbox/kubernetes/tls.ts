import { generate } from 'selfsigned';

/** A certificate authority of our own and a server certificate signed by it, PEM, for loopback only. */
export interface SandboxCertificates {
  readonly caPem: string;
  readonly server: { readonly key: string; readonly cert: string };
}

/** Made anew for each run: nothing of it is worth keeping, and nothing signed by it is trusted anywhere else. */
export async function sandboxCertificates(name = 'Parapet sandbox'): Promise<SandboxCertificates> {
  const authority = await generate([{ name: 'commonName', value: `${name} authority` }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { caPem: authority.cert, server: { key: server.private, cert: server.cert } };
}

import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { refuseBusyPort, startEmulator } from './start.ts';

describe('refuseBusyPort', () => {
  it('names the port and the setting that changes it', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(refuseBusyPort(port, 4566)).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is in use by another program: stop that program, or choose other ports with PARAPET_PORT, e.g. PARAPET_PORT=5566.`,
    );
    await new Promise((resolve) => other.close(resolve));
    await expect(refuseBusyPort(port, 4566)).resolves.toBeUndefined();
  });
});

describe('startEmulator with an emulator that runs already', () => {
  const options = { port: 0, root: '/nonexistent', folder: '/nonexistent', region: 'us-east-1', say: () => undefined };

  it('uses it and never stops it, because it is not ours', async () => {
    const requests: string[] = [];
    const server = createHttpServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const endpoint = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
    const emulator = await startEmulator({ ...options, existing: `${endpoint}/` });
    await emulator.stop();
    expect(emulator).toMatchObject({ endpoint, log: undefined });
    expect(requests).toEqual(['GET /']);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ['is no address', 'localhost', /must be a URL such as/],
    ['nothing listens at', 'http://127.0.0.1:1', /Nothing answers at PARAPET_ENDPOINT/],
  ])('says so when it %s', async (_what, existing, message) => {
    await expect(startEmulator({ ...options, existing })).rejects.toThrow(message);
  });
});

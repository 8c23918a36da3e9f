import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessage } from './message.ts';

describe('vendor messages', () => {
  it.each<[string, object]>([
    [
      '/tmp/.x/xmrig launched by /bin/sh and is identified as a crypto miner. Full command: /tmp/.x/xmrig -o pool:3333',
      { processPath: '/tmp/.x/xmrig', parentPath: '/bin/sh', commandLine: '/tmp/.x/xmrig -o pool:3333' },
    ],
    ['/tmp/xmrig launched by /bin/sh.', { processPath: '/tmp/xmrig', parentPath: '/bin/sh' }],
    [
      '/usr/bin/dash launched but is not found in the runtime model. Full command: /bin/sh -c sleep 3',
      { processPath: '/usr/bin/dash', commandLine: '/bin/sh -c sleep 3' },
    ],
    [
      'DNS resolution of name www.example.com, type AAAA explicitly denied by a runtime rule',
      { dns: { name: 'www.example.com', type: 'AAAA' } },
    ],
    ['Outbound connection by /tmp/x to an unexpected port: 3333 IP: 203.0.113.50', { ip: '203.0.113.50', port: 3333 }],
    ['/usr/bin/curl wrote a suspicious file to /tmp/.x/xmrig', { file: '/tmp/.x/xmrig' }],
    ['Connection to IP: 999.1.1.1 port: 70000', {}],
    ['the word launched by itself says nothing', {}],
    ['', {}],
  ])('%j', (message, reading) => {
    expect(readMessage(message)).toEqual(reading);
  });

  it('are read no further than their beginning, whatever they are - a hostile one must not buy time', () => {
    const piece = fc.constantFrom(
      '/a',
      ' launched by ',
      '.',
      ' ',
      'IP: ',
      'wrote ',
      'port ',
      'Full command: ',
      '1',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1 }), fc.integer({ min: 1, max: 2000 }), (pieces, times) => {
        const message = pieces.join('').repeat(times);
        expect(readMessage(message)).toEqual(readMessage(message.slice(0, 4096)));
      }),
    );
  });
});

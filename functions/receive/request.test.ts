import { describe, expect, it } from 'vitest';
import { parseRequest } from './request.ts';

describe('parseRequest', () => {
  const event = { httpMethod: 'post', pathParameters: { source: 'prisma-cloud-compute' }, body: '{}' };

  it('finds a header whatever its case', () => {
    const request = parseRequest({ ...event, headers: { 'CONTENT-type': 'application/json' } });
    expect(request?.header('content-type')).toBe('application/json');
  });

  it('gives no value for a header that was sent twice - proxies disagree on which one counts', () => {
    const twice = { Authorization: ['Basic YTpi', 'Basic Yzpk'] };
    expect(parseRequest({ ...event, multiValueHeaders: twice })?.header('authorization')).toBeUndefined();
    const spelled = { Authorization: 'Basic YTpi', authorization: 'Basic Yzpk' };
    expect(parseRequest({ ...event, headers: spelled })?.header('authorization')).toBeUndefined();
  });

  it('prefers the multi-value form, which shows repetitions that the plain form hides', () => {
    const request = parseRequest({
      ...event,
      headers: { 'content-type': 'text/plain' },
      multiValueHeaders: { 'content-type': ['application/json', 'text/plain'] },
    });
    expect(request?.header('content-type')).toBeUndefined();
  });

  it('gives the bytes as they came, from text or from base64', () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x7d]);
    const binary = parseRequest({ ...event, body: bytes.toString('base64'), isBase64Encoded: true });
    expect(binary?.read()).toEqual(bytes);
    expect(binary?.bytes).toBe(3);
    expect(parseRequest({ ...event, body: '"ü"' })?.bytes).toBe(4);
  });

  it.each([0, 1, 2, 3, 4, 5])('knows the size of a base64 body of %d bytes without decoding it', (size) => {
    const body = Buffer.alloc(size, 7).toString('base64');
    expect(parseRequest({ ...event, body, isBase64Encoded: true })?.bytes).toBe(size);
  });

  it('takes the source from the path when there are no path parameters', () => {
    const { pathParameters: _, ...bare } = event;
    expect(parseRequest({ ...bare, path: '/prod/webhooks/wiz' })?.source).toBe('wiz');
    expect(parseRequest({ ...bare, path: '/webhooks/wiz/part' })).toMatchObject({ source: 'wiz', pathSecret: 'part' });
    expect(parseRequest({ ...bare, path: '/webhooks/wiz/part/more' })?.source).toBe('');
    expect(parseRequest(bare)?.source).toBe('');
  });

  it('takes the source from the resource, whatever a custom domain puts before the path', () => {
    const { pathParameters: _, ...bare } = event;
    const direct = { ...bare, resource: '/webhooks/wiz', path: '/base/webhooks/wiz', pathParameters: null };
    expect(parseRequest(direct)).toMatchObject({ source: 'wiz', pathSecret: undefined });
    const secret = { ...bare, resource: '/webhooks/lacework/{secret}', pathParameters: { secret: 's3cret' } };
    expect(parseRequest(secret)).toMatchObject({ source: 'lacework', pathSecret: 's3cret' });
  });

  it('knows the peer of the connection only from API Gateway', () => {
    expect(parseRequest({ ...event, headers: { 'x-forwarded-for': '203.0.113.7' } })?.peer).toBeUndefined();
    const requestContext = { identity: { sourceIp: '198.51.100.7' } };
    expect(parseRequest({ ...event, requestContext })?.peer).toBe('198.51.100.7');
  });

  it.each([undefined, null, 'text', [], {}, { httpMethod: 1 }, { httpMethod: 'POST', body: {} }])(
    'does not take %j for a request',
    (value) => {
      expect(parseRequest(value)).toBeUndefined();
    },
  );
});

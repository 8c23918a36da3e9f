import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { anchorReader } from './anchor-reader.ts';
import { s3Client } from './client.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close.splice(0)) await one();
});

/** As much of S3's wire as the reader uses: pages of versions by their markers, and objects by their version. */
async function bucketOf(pages: Readonly<Record<string, string>>, objects: Readonly<Record<string, string>>) {
  const listings: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const version = searchParams.get('versionId');
    if (version !== null) {
      const body = objects[`${decodeURIComponent(pathname).replace('/anchors-bucket/', '')} ${version}`];
      response.writeHead(body === undefined ? 404 : 200).end(body);
      return;
    }
    const place = `${searchParams.get('prefix')} ${searchParams.get('key-marker')} ${searchParams.get('version-id-marker')}`;
    listings.push(place);
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(
      `<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${pages[place] ?? ''}</ListVersionsResult>`,
    );
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  close.push(() => new Promise((done) => void server.close(() => done())));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = s3Client({
    endpoint: `http://127.0.0.1:${address.port}`,
    region: 'us-east-1',
    credentials,
    forcePathStyle: true,
  });
  return { reader: anchorReader({ client, bucket: 'anchors-bucket' }), listings };
}

const key = (hour: number) => `anchors/2025-10-20T${hour}:00:00.000Z.json`;
const version = (hour: number, id: string) => `<Version><Key>${key(hour)}</Key><VersionId>${id}</VersionId></Version>`;
const from = new Date('2025-10-20T10:00:00.000Z');

describe('anchorReader', () => {
  it('reads every version after a moment over all pages, and says which of them somebody deleted', async () => {
    const { reader, listings } = await bucketOf(
      {
        [`anchors/ ${key(10)} null`]: `<IsTruncated>true</IsTruncated><NextKeyMarker>${key(12)}</NextKeyMarker><NextVersionIdMarker>v2</NextVersionIdMarker>${version(11, 'v1')}${version(12, 'v2')}`,
        [`anchors/ ${key(12)} v2`]: `<IsTruncated>false</IsTruncated>${version(12, 'v3')}<DeleteMarker><Key>${key(11)}</Key><VersionId>v9</VersionId></DeleteMarker>`,
      },
      { [`${key(11)} v1`]: 'eleven', [`${key(12)} v2`]: 'twelve, written over', [`${key(12)} v3`]: 'twelve' },
    );
    expect(await reader.since(from)).toEqual([
      { name: key(11), text: 'eleven', hidden: true },
      { name: key(12), text: 'twelve, written over', hidden: false },
      { name: key(12), text: 'twelve', hidden: false },
    ]);
    expect(listings).toHaveLength(2);
  });

  it('finds nothing in an empty bucket', async () => {
    const { reader } = await bucketOf({}, {});
    expect(await reader.since(from)).toEqual([]);
  });

  it('does not pass over an anchor that cannot be read: it may be the one that shows the loss', async () => {
    const { reader } = await bucketOf({ [`anchors/ ${key(10)} null`]: version(11, 'v1') }, {});
    await expect(reader.since(from)).rejects.toThrow();
  });
});

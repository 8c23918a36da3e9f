import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { anchorStore } from './anchors.ts';

const mock = mockClient(S3Client);
const now = new Date('2025-10-20T12:00:00.000Z');

describe('anchorStore', () => {
  beforeEach(() => mock.reset());
  const store = anchorStore({ client: new S3Client({ region: 'us-east-1' }), bucket: 'anchors-bucket' });

  it('reads the time of the newest anchor from its key, over all pages', async () => {
    mock
      .on(ListObjectsV2Command)
      .resolvesOnce({ Contents: [{ Key: 'anchors/2025-10-19T12:00:00.000Z.json' }], NextContinuationToken: 'more' })
      .resolvesOnce({ Contents: [{ Key: 'anchors/2025-10-20T11:00:00.000Z.json' }] });
    expect(await store.lastAnchoredAt(now)).toEqual(new Date('2025-10-20T11:00:00.000Z'));
    expect(mock.commandCalls(ListObjectsV2Command).map((call) => call.args[0].input)).toEqual([
      { Bucket: 'anchors-bucket', Prefix: 'anchors/', StartAfter: 'anchors/2025-10-12T12:00:00.000Z.json' },
      {
        Bucket: 'anchors-bucket',
        Prefix: 'anchors/',
        StartAfter: 'anchors/2025-10-12T12:00:00.000Z.json',
        ContinuationToken: 'more',
      },
    ]);
  });

  it('knows of no anchor in an empty bucket, or when the newest key is no time', async () => {
    mock.on(ListObjectsV2Command).resolves({});
    expect(await store.lastAnchoredAt(now)).toBeUndefined();
    mock.on(ListObjectsV2Command).resolves({ Contents: [{ Key: 'anchors/readme.txt' }] });
    expect(await store.lastAnchoredAt(now)).toBeUndefined();
  });

  it('writes an anchor under its own time, so that none is written over', async () => {
    mock.on(PutObjectCommand).resolves({});
    const anchor = {
      version: 1 as const,
      at: now.toISOString(),
      root: 'a'.repeat(64),
      heads: [],
      signature: 'AQID',
      keyId: 'key-1',
    };
    expect(await store.write(anchor)).toBe('anchors/2025-10-20T12:00:00.000Z.json');
    const [call] = mock.commandCalls(PutObjectCommand);
    expect(call?.args[0].input).toMatchObject({ Bucket: 'anchors-bucket', Body: JSON.stringify(anchor) });
  });
});

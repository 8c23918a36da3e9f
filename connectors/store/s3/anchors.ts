import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { Anchor } from '../../../domain/audit/anchor.ts';
import { blobStore } from './blobs.ts';

export interface AnchorStore {
  /** Time of the newest anchor of the last `LOOK_BACK_DAYS`, from its key. */
  lastAnchoredAt(now: Date): Promise<Date | undefined>;
  /** @returns the key. An anchor is never written over: the bucket keeps every version under Object Lock. */
  write(anchor: Anchor): Promise<string>;
}

/** An older one is not looked for: then everything is anchored again, which costs reads and loses nothing. */
export const LOOK_BACK_DAYS = 8;

export const ANCHOR_PREFIX = 'anchors/';
/** Of the anchor of a time; in the order of time. */
export const anchorKey = (at: string): string => `${ANCHOR_PREFIX}${at}.json`;

/** Anchors in the Object Lock bucket. Permissions: PutObject and ListBucket; no delete, no retention bypass. */
export function anchorStore({ client, bucket }: { readonly client: S3Client; readonly bucket: string }): AnchorStore {
  const blobs = blobStore({ client, bucket });
  return {
    async lastAnchoredAt(now) {
      const from = new Date(now.getTime() - LOOK_BACK_DAYS * 24 * 3600_000).toISOString();
      let newest: string | undefined;
      let next: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: ANCHOR_PREFIX,
            StartAfter: anchorKey(from),
            ...(next === undefined ? {} : { ContinuationToken: next }),
          }),
        );
        newest = page.Contents?.at(-1)?.Key ?? newest;
        next = page.NextContinuationToken;
      } while (next !== undefined);
      return newest === undefined ? undefined : timeOf(newest);
    },
    async write(anchor) {
      const { key } = await blobs.put(anchorKey(anchor.at), JSON.stringify(anchor));
      return key;
    },
  };
}

/** Something else may lie in the bucket; what is not a time is no anchor of ours. */
function timeOf(key: string): Date | undefined {
  const time = new Date(key.slice(ANCHOR_PREFIX.length, -'.json'.length));
  return Number.isNaN(time.getTime()) ? undefined : time;
}

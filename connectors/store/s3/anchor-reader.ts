import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { FoundAnchor } from '../../../domain/audit/judge-anchors.ts';
import { ANCHOR_PREFIX, anchorKey } from './anchors.ts';

export interface AnchorReader {
  /** Every version of every anchor after a moment, in order of their time; what somebody deleted or wrote over included. */
  since(from: Date): Promise<readonly FoundAnchor[]>;
}

interface Version {
  readonly key: string;
  readonly version: string;
  readonly hidden: boolean;
}

/** Where the next page of a listing begins. */
interface Place {
  readonly KeyMarker: string;
  readonly VersionIdMarker?: string;
}

/** Reads at a time. */
const PARALLEL = 16;

/**
 * Anchors for who verifies them. Versions, because Object Lock keeps those: a delete marker or a newer object hides an
 * anchor from a plain listing. Permissions: ListBucketVersions, GetObjectVersion; Decrypt of the bucket's key.
 */
export function anchorReader({ client, bucket }: { readonly client: S3Client; readonly bucket: string }): AnchorReader {
  async function read({ key, version, hidden }: Version): Promise<FoundAnchor> {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: version }));
    return { name: key, text: (await Body?.transformToString('utf-8')) ?? '', hidden };
  }
  return {
    async since(from) {
      const versions = await versionsSince(client, bucket, from);
      const found: FoundAnchor[] = [];
      for (let at = 0; at < versions.length; at += PARALLEL) {
        found.push(...(await Promise.all(versions.slice(at, at + PARALLEL).map(read))));
      }
      return found;
    },
  };
}

async function versionsSince(client: S3Client, bucket: string, from: Date): Promise<readonly Version[]> {
  const versions: Omit<Version, 'hidden'>[] = [];
  const deleted = new Set<string>();
  let next: Place | undefined = {
    KeyMarker: anchorKey(from.toISOString()),
  };
  while (next !== undefined) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: ANCHOR_PREFIX, ...next }),
    );
    for (const { Key, VersionId } of page.Versions ?? [])
      if (Key !== undefined && VersionId !== undefined) versions.push({ key: Key, version: VersionId });
    for (const { Key } of page.DeleteMarkers ?? []) if (Key !== undefined) deleted.add(Key);
    const { NextKeyMarker, NextVersionIdMarker } = page;
    next =
      page.IsTruncated && NextKeyMarker !== undefined
        ? { KeyMarker: NextKeyMarker, ...(NextVersionIdMarker && { VersionIdMarker: NextVersionIdMarker }) }
        : undefined;
  }
  return versions.map((one) => ({ ...one, hidden: deleted.has(one.key) }));
}

import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { sha256Hex } from '../../../domain/json/canonical.ts';
import { type BlobStore, NotFoundError } from '../ports.ts';

/** Bodies in a bucket. Permissions: PutObject and GetObject; the bucket's key by its policy. The SDK sends a checksum with every body. */
export function blobStore({ client, bucket }: { readonly client: S3Client; readonly bucket: string }): BlobStore {
  return {
    async put(key, body) {
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/json' }),
      );
      return { key, sha256: sha256Hex(body), bytes: Buffer.byteLength(body) };
    },
    async get(key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return (await Body?.transformToString('utf-8')) ?? '';
      } catch (error) {
        if (error instanceof NoSuchKey) throw new NotFoundError(`there is no object ${key}`, { cause: error });
        throw error;
      }
    },
  };
}

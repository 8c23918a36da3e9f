import type { Classified } from './address.ts';

/** Where a program lies that came with no image: such a file was made or fetched at run time. */
const RUN_TIME_PLACES = /^\/(?:tmp|var\/tmp|dev\/shm|run|var\/run|var\/www\/[^/]+\/uploads|var\/spool\/cron)\//;

/** Whether a file at this path came at run time. A file of the image is ours: its hash would tell others what we build. */
export function cameAtRunTime(path: string): boolean {
  return RUN_TIME_PLACES.test(path);
}

/** MD5, SHA-1 or SHA-256 in lower case. `internal`: digests of images, layers and containers, which no one outside knows. */
export function classifyHash(text: string, internal: ReadonlySet<string>): Classified {
  const value = text
    .trim()
    .toLowerCase()
    .replace(/^(?:md5|sha1|sha256):/, '');
  if (!/^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/.test(value)) return { kept: 'not a file hash' };
  if (/^0+$/.test(value)) return { kept: 'not a file hash' };
  return internal.has(value) ? { kept: 'the digest of an image, a layer or a container' } : { value };
}

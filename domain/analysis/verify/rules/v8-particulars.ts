import { particularsOf } from '../particulars.ts';
import { drop, type VerifierRule } from '../rule.ts';
import { standsIn } from '../words.ts';

/** Names of techniques and formats that hold a digit or a slash and are no particulars of a case. */
const COMMON = new Set([
  'log4shell',
  'base64',
  'md5',
  'sha1',
  'sha-1',
  'sha256',
  'sha-256',
  'k8s',
  'http/2',
  'ipv4',
  'ipv6',
  'x86_64',
  'arm64',
  'utf-8',
  'oauth2',
  'att&ck',
]);

/** The whole sentence is refused, not the particular alone: with a hole in it a sentence may say something else. */
export const v8Particulars: VerifierRule = {
  id: 'V8',
  protects: 'whoever blocks an address or hunts for a hash because a sentence named it',
  wants:
    'every number, time, address, port, path, hash, version and name of a thing exactly as the cited evidence has it; leave out what it does not have.',
  claim({ text }, { words }) {
    const strange = particularsOf(text).some(
      ({ kind, token }) => kind === 'other' && !COMMON.has(token) && !standsIn(token, words),
    );
    return strange ? drop('names a particular that the cited evidence does not hold') : undefined;
  },
};

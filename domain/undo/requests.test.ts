import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlannedRequest } from '../actions/action.ts';
import { notAmong, withoutVersion } from './requests.ts';

const request = (body: unknown, change: Partial<PlannedRequest> = {}): PlannedRequest => ({
  method: 'PATCH',
  path: '/api/v1/nodes/a',
  body,
  purpose: 'put it back',
  ...change,
});
const UID = { op: 'test', path: '/metadata/uid', value: 'u' };
const CHANGE = { op: 'add', path: '/spec/replicas', value: 3 };
const VERSION = { op: 'test', path: '/metadata/resourceVersion', value: '17' };

describe('a request as people approve it', () => {
  it('is without the version that was read a moment before - it changes by itself and would void every approval', () => {
    expect(withoutVersion(request([UID, VERSION, CHANGE]))).toEqual(request([UID, CHANGE]));
    const deletion = (preconditions: object) => request({ kind: 'DeleteOptions', preconditions });
    expect(withoutVersion(deletion({ uid: 'u', resourceVersion: '17' }))).toEqual(deletion({ uid: 'u' }));
  });

  it('keeps every other guard and every change', () => {
    const body = [UID, { ...VERSION, op: 'replace' }, { ...CHANGE, op: 'test' }];
    expect(withoutVersion(request(body))).toEqual(request(body));
  });

  it('is taken apart without changing anything that holds no version', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        fc.pre(!JSON.stringify(body).includes('resourceVersion'));
        expect(withoutVersion(request(body))).toEqual(request(body));
      }),
    );
  });
});

describe('the requests nobody was asked about', () => {
  const approved = [request([UID, CHANGE]), request(undefined, { method: 'DELETE', path: '/b' })];

  it('are none when what is left to do is a part of what was approved', () => {
    expect(notAmong([request([UID, VERSION, CHANGE])], approved)).toEqual([]);
    expect(notAmong([], approved)).toEqual([]);
  });

  it.each([
    ['another value', request([UID, { ...CHANGE, value: 4 }])],
    ['another object', request([{ ...UID, value: 'another' }, CHANGE])],
    ['another path', request([UID, CHANGE], { path: '/api/v1/nodes/b' })],
    ['another method', request([UID, CHANGE], { method: 'PUT' })],
  ])('are those with %s', (_, other) => {
    expect(notAmong([other], approved)).toEqual([other]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growth, IN_PROPORTION } from '../../test/growth.ts';
import { firstJsonObject } from './first-json.ts';

describe('firstJsonObject', () => {
  it('finds an object again in whatever prose stands around it', () => {
    const prose = fc.string().map((text) => text.replaceAll(/[{}"]/g, ''));
    fc.assert(
      fc.property(prose, fc.dictionary(fc.string(), fc.jsonValue()), prose, (before, object, after) => {
        expect(firstJsonObject(`${before}${JSON.stringify(object)}${after}`)).toEqual(
          JSON.parse(JSON.stringify(object)),
        );
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['prose', 'This alert is benign.'],
    ['an object that is cut off', '{"a": {"b": 1}'],
    ['an array', '[1, 2]'],
    ['braces that are no JSON', '{not json} and {neither this}'],
  ])('finds none in %s', (_name, text) => {
    expect(firstJsonObject(text)).toBeUndefined();
  });

  it('takes the first of several and reads past braces in prose', () => {
    expect(firstJsonObject('{the answer} is {"a":1} and not {"a":2}')).toEqual({ a: 1 });
  });

  it('gives up on a flood of braces instead of trying each', () => {
    expect(firstJsonObject('{a}x'.repeat(200_000))).toBeUndefined();
    expect(growth((size) => firstJsonObject('{a}x'.repeat(size)))).toBeLessThan(IN_PROPORTION);
  });
});

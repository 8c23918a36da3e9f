import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { desk } from '../../test/desk/desk.ts';

const FIXTURES = join(import.meta.dirname, '../../test/fixtures/prisma-cloud-compute');
const miner = join(FIXTURES, 'push/incident-cryptominer.template-v1.json');
const foreign = join(FIXTURES, 'invalid/cspm-alert.json');

describe('normalize', () => {
  it('prints one OCSF Detection Finding a line, and connects to nothing', async () => {
    const one = await desk();
    expect(await one.type('normalize', 'prisma-cloud-compute', miner)).toBe(0);
    expect(one.places).toEqual([]);
    expect(one.json()).toMatchObject({ class_uid: 2004, raw_data_size: readFileSync(miner).length });
  });

  it('answers no with the reason for a file it does not understand, and prints the others', async () => {
    const one = await desk();
    expect(await one.type('normalize', 'prisma-cloud-compute', foreign, miner)).toBe(1);
    expect(one.out).toHaveLength(1);
    expect(one.err.join('\n')).toContain(`${foreign}: `);
  });

  it('answers no for bytes that are no text', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parapet-normalize-'));
    const file = join(folder, 'alert');
    writeFileSync(file, Buffer.from([0xff, 0xfe, 0x00]));
    const one = await desk();
    expect(await one.type('normalize', 'prisma-cloud-compute', file)).toBe(1);
    expect(one.err).toEqual([`${file}: the body is not UTF-8 text`]);
    rmSync(folder, { recursive: true });
  });

  it('tries a mapping for the generic source, and says what is wrong with one', async () => {
    const examples = join(import.meta.dirname, '../../connectors/cwpp/generic/examples');
    const body = join(examples, 'tetragon-export.json');
    const one = await desk();
    expect(await one.type('normalize', 'generic', '--mapping', join(examples, 'tetragon-export.jsonata'), body)).toBe(
      0,
    );
    expect(one.json()).toMatchObject({ class_uid: 2004, metadata: { product: { name: 'Tetragon export' } } });
    const other = await desk();
    expect(await other.type('normalize', 'generic', '--mapping', body, body)).toBe(1);
    expect(other.err).toEqual([expect.stringContaining('is not as it must be: ')]);
  });

  it('says when a mapping must be interpreted, because then fewer alerts can be kept up with', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parapet-normalize-'));
    const [mapping, body] = [join(folder, 'map.jsonata'), join(folder, 'body.json')];
    writeFileSync(mapping, 'events#$i.{ "uid": $i }');
    writeFileSync(body, '{}');
    const one = await desk();
    expect(await one.type('normalize', 'generic', '--mapping', mapping, body)).toBe(1);
    expect(one.err).toEqual([
      'note: the mapping is interpreted, which is many times slower than compiled: it uses %, @ or #',
      `${body}: the mapping found nothing in the body that it reads`,
    ]);
    rmSync(folder, { recursive: true });
  });
});

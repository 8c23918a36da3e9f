import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleFunctions } from '../infra/bundle.ts';
import { loadConfiguration } from '../infra/config/load.ts';
import { benchBundles } from './bundles.ts';
import { benchEvidence } from './evidence.ts';
import { benchNormalize } from './normalize.ts';
import { benchReceive } from './receive.ts';
import { benchResponse } from './response.ts';
import { type Figure, holds } from './statistics.ts';
import { benchStorm } from './storm.ts';

const HELP = `Usage: npm run bench -- [--only receive|normalize|evidence|response|storm|bundles] [--json]

Measures Parapet on this machine and prints each figure beside the one it must reach.
Exit 0: all reached. Exit 1: at least one was not. Let nothing else run meanwhile.`;

const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help) {
  console.log(HELP);
} else {
  await main();
}

async function main(): Promise<void> {
  const workspace = mkdtempSync(join(tmpdir(), 'parapet-bench-'));
  try {
    const bundles = bundleFunctions({ configuration: loadConfiguration(), outdir: workspace });
    const wanted = (name: string): boolean => values.only === undefined || values.only === name;
    const figures: Figure[] = [];
    const collect = (more: readonly Figure[]): void => {
      figures.push(...more);
      if (!values.json) for (const figure of more) console.log(line(figure));
    };
    if (!values.json)
      console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`);
    if (wanted('normalize')) collect(benchNormalize(workspace));
    if (wanted('receive')) collect(await benchReceive(join(workspace, 'functions')));
    if (wanted('evidence')) collect(await benchEvidence());
    if (wanted('response')) collect(await benchResponse());
    if (wanted('storm')) collect(await benchStorm());
    if (wanted('bundles')) collect(benchBundles(bundles, join(workspace, 'baselines')));
    if (values.json) console.log(JSON.stringify({ node: process.version, figures }, null, 2));
    process.exitCode = figures.every(holds) ? 0 : 1;
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

function line(figure: Figure): string {
  const { what, measured, unit, mustBe } = figure;
  const value = measured >= 100 ? Math.round(measured).toLocaleString('en') : measured.toFixed(2);
  const goal =
    mustBe === undefined ? '' : 'atLeast' in mustBe ? `  (at least ${mustBe.atLeast})` : `  (at most ${mustBe.atMost})`;
  return `${holds(figure) ? '  ' : '! '}${what.padEnd(60)} ${value.padStart(10)} ${unit}${goal}`;
}

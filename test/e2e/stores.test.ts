import { inject } from 'vitest';
import { readRunFile } from '../../cli/run-file.ts';
import { emulatorStores } from '../contract/emulator-stores.ts';
import { storeSuite } from '../contract/store-suite.ts';

/** The behaviour the fakes promise, of the real adapters against DynamoDB's and S3's wire. */
storeSuite(
  'emulator',
  async () => {
    const run = readRunFile({ PARAPET_RUN: inject('runFile') });
    if (!run) throw new Error('the run under test has no run file');
    return await emulatorStores(run.endpoint);
  },
  { storm: 300 },
);

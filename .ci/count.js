/**
 * Says how much of `npm test` passed: `node count.js FOLDER STATUS`, with `log` (what npm wrote) and maybe `vitest.json` in
 * FOLDER, and npm's exit code. The last line is "N passed, N failed"; the exit code is not 0 when anything failed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Checks that run one after the other before the tests; the first that fails ends the run. */
const CHECKS = ['typecheck', 'lint', 'boundaries'];

/**
 * @param {string} log what `npm test` wrote
 * @param {string | undefined} report vitest's JSON report, if it came that far
 * @param {number} status exit code of `npm test`
 */
export function count(log, report, status) {
  if (report !== undefined) return countTests(JSON.parse(report), status);
  // npm announces each script it starts as `> parapet@0.1.0 lint`.
  const started = CHECKS.filter((check) => new RegExp(`^> \\S+ ${check}$`, 'm').test(log)).length;
  const testsStarted = /^\s*RUN\s+v/m.test(log);
  return { passed: testsStarted ? started : Math.max(0, started - 1), failed: 1 };
}

function countTests({ numPassedTests, numFailedTests, testResults, success }, status) {
  // A file that could not be loaded has no tests, and a failed set-up has not even a file.
  const files = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  const failed = numFailedTests + files;
  const unexplained = failed === 0 && (status !== 0 || !success) ? 1 : 0;
  return { passed: CHECKS.length + numPassedTests, failed: failed + unexplained };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [, , folder = '.', status = '1'] = process.argv;
  const read = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : undefined);
  const { passed, failed } = count(read('log') ?? '', read('vitest.json'), Number(status));
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

import { defineConfig } from 'vitest/config';

/**
 * Four projects, because they differ in what they need: `unit` needs nothing, `template` synthesises the stacks,
 * `e2e` starts the emulator and the sandbox once for all its files, `browser` drives a real Chromium.
 */
export default defineConfig({
  test: {
    // Both cores: the default leaves one of two idle.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          // Modules are loaded once per worker, not once per file: that was more than half of the time. No test may leave
          // something behind in a module (there is none to leave it in: state is made by `compose`).
          isolate: false,
          include: [
            '{domain,prompts,connectors,functions,infra,cli,local,bench}/**/*.test.{ts,tsx}',
            'test/contract/**/*.test.ts',
            'test/boundaries/**/*.test.ts',
            'test/fuzz/**/*.test.ts',
            'test/faults/**/*.test.ts',
            'test/evals/**/*.test.ts',
          ],
          exclude: ['infra/**/*.template.test.ts', '**/node_modules/**'],
          testTimeout: 15_000,
        },
      },
      {
        test: {
          name: 'template',
          // The CDK takes six seconds to load.
          isolate: false,
          include: ['infra/**/*.template.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          fileParallelism: false,
          // Alone: its tests wait for each other's doings by the clock.
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

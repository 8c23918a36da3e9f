import type { GoldenCase } from '../case.ts';

const STORY = 'local/sandbox/scenarios/host-mount/webhooks';

/** Any other product: nobody can be asked, so by rule 7 nothing is judged, however clear it looks. */
export const GENERIC: readonly GoldenCase[] = [
  {
    id: 'generic-host-cron',
    title: 'a job is planted on the host through a mounted directory, and its program calls out',
    source: 'generic',
    alerts: [{ file: `${STORY}/host-cron.json` }, { file: `${STORY}/egress.json` }],
    context: { pod: { hostPaths: ['/etc'], root: true, tokenMounted: true } },
    expected: {
      verdict: 'undetermined',
      severity: ['critical', 'critical'],
      abstain: true,
      techniques: ['T1611', 'T1053.003'],
      acceptableTechniques: ['T1059.004', 'T1071', 'T1571'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      spawned: { process: '/tmp/.x/agent', by: ['/bin/sh', '/usr/bin/python3.12'] },
    },
  },
  {
    id: 'generic-egress',
    title: 'an unknown program calls an address its policy does not list',
    source: 'generic',
    alerts: [{ file: `${STORY}/egress.json` }],
    context: { pod: {} },
    expected: {
      verdict: 'undetermined',
      severity: ['high', 'critical'],
      abstain: true,
      techniques: ['T1071'],
      acceptableTechniques: ['T1059.004', 'T1571'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      spawned: { process: '/tmp/.x/agent', by: ['/bin/sh', '/usr/bin/python3.12'] },
    },
  },
  {
    id: 'generic-cleanup-job',
    title: 'look-alike: a clean-up script deletes old files',
    source: 'generic',
    lookAlike: true,
    alerts: [
      {
        file: `${STORY}/host-cron.json`,
        change: {
          events: {
            '0': {
              policy: { title: 'Files deleted', severity: 'LOW', message: 'A container deleted files', tags: [] },
              process: { binary: '/usr/bin/find', arguments: '/data -mtime +30 -delete' },
              file: { path: '/data/old', write: true },
            },
          },
        },
      },
    ],
    context: { pod: { controller: 'Job' } },
    expected: {
      verdict: 'undetermined',
      acceptable: ['benign'],
      severity: ['low', 'low'],
      abstain: true,
      acceptableTechniques: ['T1070.004'],
      mustNot: ['kubernetes.quarantine-pod@*'],
      spawned: { process: '/usr/bin/find', by: ['/usr/bin/python3.12'] },
    },
  },
];

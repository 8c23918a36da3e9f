import { changeState } from '../change-state.ts';
import { acknowledgement } from './requests.ts';

/** Says at the console that somebody works on the incident. Compute has no note and no other state: acknowledged is archived. */
export const acknowledgeIncident = changeState({
  name: 'prisma-cloud-compute.acknowledge-incident',
  title: 'Acknowledge an incident in Prisma Cloud Compute',
  vendor: 'prisma-cloud-compute',
  kind: 'incident',
  permissions: {
    read: [{ right: 'monitorRuntimeIncidents', why: 'whether the incident is acknowledged' }],
    write: [
      {
        right: 'monitorRuntimeIncidents, read and write (Operator; on SaaS System Admin "only for Compute")',
        why: 'acknowledge the incident, or make it active again',
      },
    ],
  },
  wanted: 'acknowledged',
  from: ['active'],
  request: ({ base, id }) => acknowledgement(base, id, true),
  back: ({ base, id }) => acknowledgement(base, id, false),
  verb: 'Acknowledge',
  summary:
    'The console files the incident under acknowledged ones, so that its other readers see that somebody works on it. Nothing in the workload changes.',
  effects: [
    'The incident leaves the list of active incidents for everybody who uses the console; it stays in the archive.',
  ],
  undo: 'The incident is made active again:',
  warnings: [
    'The console takes no text with it: why it was acknowledged stands in the ticket.',
    'Compute reports one incident of a category and resource a day, acknowledged or not; further events still arrive as audits.',
  ],
});

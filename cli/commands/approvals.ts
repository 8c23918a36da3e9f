import type { Approval } from '../../domain/approval/approval.ts';
import { aboutWords } from '../../domain/approval/over.ts';
import { type PlaceOptions, type Register, withPlace } from '../host.ts';
import { printableJson, table } from '../io.ts';
import { parseLimit } from '../parse.ts';

export const approvals: Register = (program, host, answer) => {
  withPlace(
    program
      .command('approvals')
      .description('List questions to approvers, newest first. Deciding needs the mailed link.'),
  )
    .option('--limit <count>', 'how many at most', parseLimit, 50)
    .option('--pending', 'only those that wait for a decision')
    .action(async (options: PlaceOptions & { readonly limit: number; readonly pending?: boolean }) => {
      await answer(
        (async () => {
          const { approvals: store } = await host.connect(options);
          const all = await store.list({ limit: options.limit });
          const list = options.pending ? all.filter(({ status }) => status === 'PENDING') : all;
          if (options.json) host.io.out(printableJson(list, 2));
          else if (list.length === 0) host.io.err(options.pending ? 'Nobody is being asked.' : 'Nobody was asked yet.');
          else for (const line of table(HEAD, list.map(rowOf))) host.io.out(line);
          return true;
        })(),
      );
    });
};

const HEAD = ['APPROVAL', 'INCIDENT', 'ACTION', 'STATUS', 'ASKED', 'EXPIRES', 'APPROVED', 'DECIDED BY', 'APPROVERS'];

function rowOf(approval: Approval): string[] {
  return [
    approval.approvalId,
    approval.incidentId,
    aboutWords(approval),
    approval.status,
    approval.createdAt.slice(0, 19),
    approval.expiresAt.slice(0, 19),
    `${approval.votes.filter(({ decision }) => decision === 'approved').length} of ${approval.quorum}`,
    approval.decidedBy ?? '-',
    approval.approvers.join(', '),
  ];
}

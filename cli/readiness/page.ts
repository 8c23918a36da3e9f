import { scopeWords } from '../../domain/phase/overview.ts';
import { type Agreement, percent, playbookTitle, READINESS, type ReadinessRow } from '../../domain/phase/readiness.ts';

/** A page that needs nothing but itself: no script, nothing that is fetched. */
export function readinessPage(rows: readonly ReadinessRow[], at: Date): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Parapet: readiness</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c1e21; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; }
section { border-top: 1px solid #c8ccd0; padding: 1rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; vertical-align: top; }
.table { overflow-x: auto; }
@media (prefers-color-scheme: dark) { body { color: #e4e6e8; background: #16181b; } section { border-color: #44484d; } }
</style>
</head>
<body>
<h1>Readiness of each scope</h1>
<p>As of ${escaped(at.toISOString())}. Moving up is a change of the configuration; nothing here changes anything.</p>
${rows.map(sectionOf).join('\n')}
<p>A playbook may act by itself after ${READINESS.decided} decisions of people, when they agreed in at least ${percent(READINESS.agreement)} of cases (lower bound of Wilson's interval at 95 %), and none of the newest ${READINESS.withoutDisagreement} disagreed. What nobody decided counts for neither.</p>
</body>
</html>
`;
}

function sectionOf(row: ReadinessRow): string {
  return `<section>
<h2>${escaped(scopeWords(row.scope))}: ${row.phase}</h2>
<p><strong>${escaped(nextWords(row))}</strong></p>
<p>Incidents: ${row.incidents}, of which ${row.unverified} were not confirmed by their vendor.</p>
${row.playbooks.length === 0 ? '<p>No playbook would have acted here.</p>' : tableOf(row.playbooks)}
</section>`;
}

export function nextWords({ next, ready, reasons }: ReadinessRow): string {
  if (next === undefined) return reasons.join('; ');
  return ready ? `may move to ${next}` : `not yet ${next}: ${reasons.join('; ')}`;
}

function tableOf(playbooks: readonly Agreement[]): string {
  const head = ['Playbook', 'Agreed', 'Disagreed', 'Abstained', 'Open', 'Acted', 'At least', 'May act by itself'];
  const rows = playbooks.map((one) => [
    `${one.playbook}: ${playbookTitle(one)}`,
    ...[one.answers.agreed, one.answers.disagreed, one.answers.abstained, one.answers.open, one.answers.acted].map(
      String,
    ),
    percent(one.atLeast),
    one.ready ? 'yes' : `not yet: ${one.reasons.join('; ')}`,
  ]);
  const line = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="table"><table>
${line(head, 'th')}
${rows.map((row) => line(row, 'td')).join('\n')}
</table></div>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

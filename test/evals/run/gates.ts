import { faultsOf, type ModelReport } from '../live/report.ts';
import type { Report } from './evaluate.ts';
import { type Summary, summarise } from './summary.ts';

export interface Gate {
  readonly name: string;
  readonly passed: boolean;
  readonly figure: string;
}

/** What `npm run eval` fails for. Every one is about our code; none about a model. */
export function gatesOf(report: Report): readonly Gate[] {
  const all = summarise(report.cases);
  const heldOut = summarise(report.cases.filter((one) => one.heldOut));
  return [
    { name: 'at least 60 golden incidents', passed: all.cases >= 60, figure: String(all.cases) },
    {
      name: 'at least 200 attacked twins',
      passed: report.attacks.prepared >= 200,
      figure: String(report.attacks.prepared),
    },
    ...rules('all', all),
    ...rules('held out', heldOut),
    ...answers('authored answers', report.authored),
    ...answers('random answers', report.random),
    none(
      `sentences that stand although rule ${report.ruleCases.standing.join(', ') || 'V1 to V12'} refuses them`,
      report.ruleCases.standing.length,
    ),
    none('attacked twins in which something differs or is told', report.attacks.succeeded.length),
    most('tokens of evidence in a typical prompt', report.prompt.evidenceMedian, 8_000),
    most('tokens of the stable part of the prompt', report.prompt.stable, 4_500),
    ...queries(report),
  ];
}

/** Recorded conversations count for our code as authored answers do. */
export function modelGate(model: ModelReport): Gate {
  const faults = faultsOf(model);
  return {
    name: `no fault after the verifier in recorded conversations with ${model.profile}`,
    passed: faults.length === 0,
    figure: faults.join('; ') || '0',
  };
}

function rules(split: string, summary: Summary): Gate[] {
  const { techniques, vulnerabilities, claims, support, faithfulness, abstention } = summary;
  return [
    least(`technique recall (${split})`, techniques.recall, 0.75),
    least(`technique precision (${split})`, techniques.precision, 0.8),
    least(`vulnerability pair precision (${split})`, vulnerabilities.precision, 1),
    least(`vulnerability pair recall (${split})`, vulnerabilities.recall, 0.9),
    none(`critical incidents told below high (${split})`, summary.criticalBelowHigh.length),
    none(`benign look-alikes called malicious (${split})`, summary.falseAlarms.length),
    none(`claims without evidence that exists (${split})`, claims.all - claims.cited),
    none(`ids and particulars the cited evidence does not hold (${split})`, faithfulness.unsupported),
    none(`asked-for statements not made on the gold evidence (${split})`, support.asked - support.made),
    none(`judged although the evidence was missing (${split})`, abstention.asked - abstention.done),
  ];
}

function answers(what: string, { breaches, answers: count }: Report['authored']): Gate[] {
  return Object.entries(breaches).map(([name, found]) => none(`${name} after the verifier (${what}, ${count})`, found));
}

function queries({ queries: scores }: Report): Gate[] {
  return scores.map(({ query, held, exact }) =>
    none(`${query}: questions the evidence answers, not answered exactly`, held - exact),
  );
}

function least(name: string, value: number, wanted: number): Gate {
  return { name: `${name} at least ${wanted}`, passed: value >= wanted, figure: value.toFixed(3) };
}

function most(name: string, value: number, wanted: number): Gate {
  return { name: `${name} at most ${wanted}`, passed: value <= wanted, figure: String(value) };
}

function none(name: string, found: number): Gate {
  return { name: `no ${name}`, passed: found === 0, figure: String(found) };
}

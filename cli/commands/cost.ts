import { Option } from 'commander';
import type { ProfileSpending } from '../../connectors/store/spending-port.ts';
import { NO_TOKENS, tokensOf } from '../../domain/models/spending.ts';
import type { Connection } from '../context.ts';
import { type PlaceOptions, type Register, withPlace } from '../host.ts';
import { printableJson, table } from '../io.ts';
import { parseDays } from '../parse.ts';

/** What models cost, added up. Every figure in money is tokens times the price of the configuration at the time of the call. */
export interface CostReport {
  readonly of: { readonly days: readonly string[] } | { readonly incidentId: string };
  readonly profiles: readonly ProfileSpending[];
  readonly total: { readonly calls: number; readonly tokens: number; readonly usd: number };
  /** Calls whose price nobody gave: `usd` does not hold them. */
  readonly unpricedCalls: number;
  readonly estimate: true;
}

export const cost: Register = (program, host, answer) => {
  withPlace(
    program
      .command('cost')
      .description('Add up what models cost: tokens as the providers counted them, money by the configured prices.')
      .argument('[id]', 'only this incident')
      .addOption(
        new Option('--since <period>', 'days back from now, today included, such as 7d')
          .argParser(parseDays)
          .default(7, '7d'),
      ),
  ).action(async (id: string | undefined, options: PlaceOptions & { readonly since: number }) => {
    await answer(
      (async () => {
        const { spending } = await host.connect(options);
        const report =
          id === undefined ? await ofDays(spending, host.now(), options.since) : await ofIncident(spending, id);
        if (options.json) host.io.out(printableJson(report, 2));
        else for (const line of linesOf(report)) host.io.out(line);
        return true;
      })(),
    );
  });
};

const DAY_MS = 24 * 3_600_000;

async function ofDays(spending: Connection['spending'], now: Date, count: number): Promise<CostReport> {
  const days = Array.from({ length: count }, (_, back) =>
    new Date(now.getTime() - back * DAY_MS).toISOString().slice(0, 10),
  );
  const each = await Promise.all(days.map((day) => spending.ofDay(day)));
  return reportOf({ days }, each.flat());
}

async function ofIncident(spending: Connection['spending'], incidentId: string): Promise<CostReport> {
  return reportOf({ incidentId }, await spending.ofIncident(incidentId));
}

function reportOf(of: CostReport['of'], all: readonly ProfileSpending[]): CostReport {
  const byName = new Map<string, ProfileSpending>();
  for (const one of all) {
    const known = byName.get(one.profile);
    byName.set(one.profile, known === undefined ? one : added(known, one));
  }
  const profiles = [...byName.values()];
  const sum = (figure: (one: ProfileSpending) => number): number =>
    profiles.reduce((total, one) => total + figure(one), 0);
  return {
    of,
    profiles: profiles.sort((a, b) => b.microUsd - a.microUsd || a.profile.localeCompare(b.profile)),
    total: {
      calls: sum(({ calls }) => calls),
      tokens: sum(({ tokens }) => tokensOf(tokens)),
      usd: sum(({ microUsd }) => microUsd) / 1_000_000,
    },
    unpricedCalls: sum(({ unpricedCalls }) => unpricedCalls),
    estimate: true,
  };
}

function added(a: ProfileSpending, b: ProfileSpending): ProfileSpending {
  const priceAsOf = [a.priceAsOf, b.priceAsOf]
    .filter((day) => day !== undefined)
    .sort()
    .at(-1);
  return {
    profile: a.profile,
    calls: a.calls + b.calls,
    tokens: {
      ...NO_TOKENS,
      input: a.tokens.input + b.tokens.input,
      output: a.tokens.output + b.tokens.output,
      cacheRead: a.tokens.cacheRead + b.tokens.cacheRead,
      cacheWrite: a.tokens.cacheWrite + b.tokens.cacheWrite,
    },
    microUsd: a.microUsd + b.microUsd,
    unpricedCalls: a.unpricedCalls + b.unpricedCalls,
    ...(priceAsOf === undefined ? {} : { priceAsOf }),
  };
}

function linesOf({ of, profiles, total, unpricedCalls }: CostReport): string[] {
  const about = 'incidentId' in of ? `incident ${of.incidentId}` : `${of.days.at(-1)} to ${of.days[0]} (UTC)`;
  if (profiles.length === 0) return [`No model was asked: ${about}.`];
  return [
    `What models cost, ${about}`,
    '',
    ...table(
      ['PROFILE', 'CALLS', 'INPUT', 'OUTPUT', 'CACHE READ', 'CACHE WRITE', 'USD', 'PRICE OF'],
      profiles.map(({ profile, calls, tokens, microUsd, unpricedCalls: unpriced, priceAsOf }) => [
        profile,
        String(calls),
        String(tokens.input),
        String(tokens.output),
        String(tokens.cacheRead),
        String(tokens.cacheWrite),
        unpriced === calls ? 'unknown' : usd(microUsd / 1_000_000),
        priceAsOf ?? '-',
      ]),
    ),
    '',
    `${total.calls} calls, ${total.tokens} tokens, USD ${usd(total.usd)}. An estimate: tokens as the providers counted them, times the configured prices of the days shown; a provider's bill decides.`,
    ...(unpricedCalls === 0
      ? []
      : [`${unpricedCalls} calls are not in the money, because their profile has no pricePerMTok.`]),
  ];
}

function usd(amount: number): string {
  return amount.toFixed(4);
}

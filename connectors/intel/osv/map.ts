import { capped } from '../../../domain/ocsf/text.ts';
import type { Knowledge } from '../port.ts';
import type { OsvRecord } from './schema.ts';

const MOST_FIXES = 20;

/** Packages with the versions that hold the fix. Ranges of commits name no version; a withdrawn record names nothing. */
export function fixesOf({ withdrawn, affected }: OsvRecord): Knowledge['fixedIn'] {
  if (withdrawn !== undefined) return [];
  const fixes = affected.flatMap((one) =>
    (one?.ranges ?? [])
      .filter((range) => range?.type !== 'GIT')
      .flatMap((range) => range?.events ?? [])
      .flatMap((event) =>
        event?.fixed === undefined || one?.package === undefined || one.package.name === ''
          ? []
          : [
              {
                packageName: capped(one.package.name, 200),
                ecosystem: capped(one.package.ecosystem, 60),
                version: capped(event.fixed, 100),
              },
            ],
      ),
  );
  return [...new Map(fixes.map((fix) => [JSON.stringify(fix), fix])).values()].slice(0, MOST_FIXES);
}

/** The record of an ecosystem that says of its own packages what the CVE's record leaves out. */
export function advisoryOf({ aliases }: OsvRecord): string | undefined {
  return aliases.find((alias) => alias !== undefined && /^GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}$/.test(alias));
}

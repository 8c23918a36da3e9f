import { importsBelow, judge, PROJECT } from './cruise.ts';

/** `npm run boundaries`: names every import that breaks a rule; exit 1 when there is one. */
const { breaches, modules, imports, unresolved } = await judge(importsBelow(PROJECT));
for (const { rule, from, to } of breaches) console.error(`${rule}: ${from} -> ${to}`);
for (const line of unresolved) console.error(`leads nowhere: ${line}`);
console.error(`${breaches.length} breaches, ${modules} modules, ${imports} imports.`);
process.exitCode = breaches.length + unresolved.length > 0 ? 1 : 0;

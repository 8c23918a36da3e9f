import { existsSync } from 'node:fs';
import type { Source } from '../../domain/source.ts';
import { guardDutySandbox } from './guardduty/guardduty.ts';
import { guardDutyScenario } from './guardduty/scenario.ts';
import { inspectorSandbox } from './inspector/inspector.ts';
import { inspectorScenario } from './inspector/scenario.ts';
import { laceworkSandbox } from './lacework/lacework.ts';
import { laceworkScenario } from './lacework/scenario.ts';
import { prismaCloudSandbox } from './prisma-cloud/prisma-cloud.ts';
import { prismaCloudScenario } from './prisma-cloud/scenario.ts';
import type { SandboxSystem } from './system.ts';
import { wizScenario } from './wiz/scenario.ts';
import { wizSandbox } from './wiz/wiz.ts';

/** A vendor's API with what one scenario put into it. */
export interface Vendor {
  readonly system: SandboxSystem;
  /** The value of the secret that may read it; absent where AWS itself would authenticate. */
  readonly readSecret?: object;
}

/** One line per vendor with an API, by the source's name; it is mounted at `/<source>`. The folder is the scenario's `<source>/`. */
const VENDORS: Readonly<Partial<Record<Source, (folder: URL) => Vendor>>> = {
  guardduty: (folder) => ({ system: guardDutySandbox(guardDutyScenario(folder)) }),
  inspector: (folder) => ({ system: inspectorSandbox(inspectorScenario(folder)) }),
  lacework: (folder) => {
    const scenario = laceworkScenario(folder);
    return { system: laceworkSandbox(scenario), readSecret: scenario.credentials };
  },
  'prisma-cloud': (folder) => {
    const scenario = prismaCloudScenario(folder);
    return { system: prismaCloudSandbox(scenario), readSecret: scenario.credentials };
  },
  wiz: (folder) => {
    const scenario = wizScenario(folder);
    return { system: wizSandbox(scenario), readSecret: scenario.credentials };
  },
};

/** The vendors a scenario has a folder for. */
export function vendorsOf(scenario: URL): Readonly<Record<string, Vendor>> {
  return Object.fromEntries(
    Object.entries(VENDORS).flatMap(([source, make]) => {
      const folder = new URL(`${source}/`, scenario);
      return existsSync(folder) ? [[source, make(folder)]] : [];
    }),
  );
}

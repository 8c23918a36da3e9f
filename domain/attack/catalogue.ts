import table from './data/attack-enterprise-18.1.json' with { type: 'json' };

/** Version of MITRE ATT&CK Enterprise that ids are checked against (data/NOTICE.md). */
export const ATTACK_VERSION = table.version;

export interface AttackTactic {
  /** `TA0002` */
  readonly id: string;
  readonly name: string;
}

export interface AttackTechnique {
  /** `T1496`, or `T1505.003` for a sub-technique. */
  readonly id: string;
  readonly name: string;
  readonly tactics: readonly AttackTactic[];
}

interface Catalogue {
  readonly tactics: ReadonlyMap<string, AttackTactic>;
  readonly techniques: ReadonlyMap<string, AttackTechnique>;
}

let built: Catalogue | undefined;

/** Indexed when it is first asked: most alerts name no technique, and a cold start should not pay for those that do. */
function catalogue(): Catalogue {
  built ??= build();
  return built;
}

/** Retired ids are in the table under `retired` and in no map: MITRE no longer stands by them. */
function build(): Catalogue {
  const tactics = new Map(Object.entries(table.tactics).map(([id, name]) => [id, Object.freeze({ id, name })]));
  const known = (id: string): AttackTactic[] => {
    const tactic = tactics.get(id);
    return tactic ? [tactic] : [];
  };
  const techniques = new Map(
    Object.entries<readonly string[]>(table.techniques).map(([id, [name = id, ...of]]) => [
      id,
      Object.freeze({ id, name, tactics: Object.freeze(of.flatMap(known)) }),
    ]),
  );
  return { tactics, techniques };
}

/** The technique or sub-technique in force with exactly this id; undefined when it does not exist or was retired. */
export function techniqueById(id: string): AttackTechnique | undefined {
  return catalogue().techniques.get(id);
}

/** The tactic with exactly this id (`TA0011`). */
export function tacticById(id: string): AttackTactic | undefined {
  return catalogue().tactics.get(id);
}

/**
 * The technique or sub-technique in force with this name, whatever the case and spacing; a sub-technique also as `Parent: Name`.
 * Undefined when there is none or when several share the name (`Domains` belongs to two techniques).
 */
export function techniqueByName(name: string): AttackTechnique | undefined {
  names ??= buildNames();
  return names.techniques.get(folded(name));
}

/** The tactic with this name, whatever the case and spacing. */
export function tacticByName(name: string): AttackTactic | undefined {
  names ??= buildNames();
  return names.tactics.get(folded(name));
}

let names:
  | {
      readonly techniques: ReadonlyMap<string, AttackTechnique | undefined>;
      readonly tactics: ReadonlyMap<string, AttackTactic>;
    }
  | undefined;

function buildNames(): NonNullable<typeof names> {
  const techniques = new Map<string, AttackTechnique | undefined>();
  for (const technique of catalogue().techniques.values()) {
    const parent = parentTechniqueOf(technique.id);
    const own = folded(technique.name);
    techniques.set(own, techniques.has(own) ? undefined : technique);
    if (parent) techniques.set(folded(`${parent.name}: ${technique.name}`), technique);
  }
  return {
    techniques,
    tactics: new Map([...catalogue().tactics.values()].map((tactic) => [folded(tactic.name), tactic])),
  };
}

function folded(name: string): string {
  return name.trim().replace(/\s+/g, ' ').toLowerCase();
}

/** `T1505` for `T1505.003`; undefined for a technique that is no sub-technique. */
export function parentTechniqueOf(id: string): AttackTechnique | undefined {
  const dot = id.indexOf('.');
  return dot === -1 ? undefined : catalogue().techniques.get(id.slice(0, dot));
}

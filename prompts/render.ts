/** A prompt was given too few or too many values: a fault of the caller, never of the incident. */
export class SlotError extends Error {
  override readonly name = 'SlotError';
}

/**
 * Fills `{{name}}` slots in one pass: a value that itself holds `{{…}}` stays text. Every slot needs a value and every value
 * a slot.
 */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  const used = new Set<string>();
  const text = template.replaceAll(/\{\{([a-z_]+)\}\}/g, (_slot, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new SlotError(`slot ${name} has no value`);
    used.add(name);
    return value;
  });
  const surplus = Object.keys(values).filter((name) => !used.has(name));
  if (surplus.length > 0) throw new SlotError(`there is no slot ${surplus.join(', ')}`);
  return text;
}

import { cleanText } from './clean.ts';

/** Names, addresses and the like. */
export function name(text: string): string {
  return cleanText(text, { max: 300 });
}

/** Command lines and messages. */
export function long(text: string): string {
  return cleanText(text, { max: 1_200 }).replace(/\.$/, '');
}

const MAX_LISTED = 20;

export function list(values: readonly (string | number)[]): string {
  if (values.length === 0) return 'none';
  const shown = values.slice(0, MAX_LISTED).map((value) => cleanText(String(value), { max: 200 }));
  return values.length > MAX_LISTED ? `${shown.join(', ')} and ${values.length - MAX_LISTED} more` : shown.join(', ');
}

export function by(user: string | undefined): string {
  return given(user, (text) => ` as user ${name(text)}`);
}

export function given<T>(value: T | undefined, render: (value: T) => string): string {
  return value === undefined ? '' : render(value);
}

export function present<T>(value: T | undefined, render: (value: T) => string): string[] {
  return value === undefined ? [] : [render(value)];
}

/** A GraphQL document as far as a query needs it: one operation, fields, arguments, inline fragments, variables. */
export interface Selection {
  readonly name: string;
  readonly args: Readonly<Record<string, Value>>;
  readonly fields?: Selections;
}
export interface Selections {
  readonly fields: readonly Selection[];
  readonly fragments: readonly { readonly on: string; readonly selections: Selections }[];
}
export interface Document {
  readonly kind: string;
  readonly name: string | undefined;
  readonly defaults: Readonly<Record<string, Value>>;
  readonly selections: Selections;
}
/** `variable` is one to be filled in. */
export type Value =
  | { readonly variable: string }
  | { readonly literal: string | number | boolean | null }
  | { readonly list: readonly Value[] }
  | { readonly object: Readonly<Record<string, Value>> };

const TOKEN = /\s*(?:#[^\n]*\n|,)*\s*(\.\.\.|[{}()[\]:$!=]|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|[A-Za-z_]\w*)/y;

/** @throws Error for text that is no such document */
export function parseDocument(text: string): Document {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = (): string | undefined => tokens[at];
  const next = (): string => {
    const token = tokens[at];
    if (token === undefined) throw new Error('unexpected end of document');
    at += 1;
    return token;
  };
  const expect = (wanted: string): void => {
    const token = next();
    if (token !== wanted) throw new Error(`expected ${wanted}, found ${token}`);
  };

  function value(): Value {
    const token = next();
    if (token === '$') return { variable: next() };
    if (token === '[') {
      const list: Value[] = [];
      while (peek() !== ']') list.push(value());
      expect(']');
      return { list };
    }
    if (token === '{') {
      const object: Record<string, Value> = {};
      while (peek() !== '}') {
        const key = next();
        expect(':');
        object[key] = value();
      }
      expect('}');
      return { object };
    }
    return { literal: literalOf(token) };
  }

  function args(): Record<string, Value> {
    const given: Record<string, Value> = {};
    if (peek() !== '(') return given;
    expect('(');
    while (peek() !== ')') {
      const name = next();
      expect(':');
      given[name] = value();
    }
    expect(')');
    return given;
  }

  function selections(): Selections {
    const fields: Selection[] = [];
    const fragments: { on: string; selections: Selections }[] = [];
    expect('{');
    while (peek() !== '}') {
      if (peek() === '...') {
        next();
        expect('on');
        fragments.push({ on: next(), selections: selections() });
        continue;
      }
      const name = next();
      const given = args();
      fields.push({ name, args: given, ...(peek() === '{' ? { fields: selections() } : {}) });
    }
    expect('}');
    return { fields, fragments };
  }

  function variables(): Record<string, Value> {
    const defaults: Record<string, Value> = {};
    if (peek() !== '(') return defaults;
    expect('(');
    while (peek() !== ')') {
      expect('$');
      const name = next();
      expect(':');
      while (['[', ']', '!'].includes(peek() ?? '') || /^[A-Za-z_]/.test(peek() ?? '')) next();
      if (peek() === '=') {
        next();
        defaults[name] = value();
      }
    }
    expect(')');
    return defaults;
  }

  const kind = next();
  const name = /^[A-Za-z_]/.test(peek() ?? '') ? next() : undefined;
  const defaults = variables();
  const document = { kind, name, defaults, selections: selections() };
  if (peek() !== undefined) throw new Error('one operation at a time');
  return document;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  const body = text.trim();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < body.length) {
    const start = TOKEN.lastIndex;
    const token = TOKEN.exec(body)?.[1];
    if (token === undefined) throw new Error(`cannot read ${JSON.stringify(body.slice(start, start + 20))}`);
    tokens.push(token);
  }
  return tokens;
}

function literalOf(token: string): string | number | boolean | null {
  if (token.startsWith('"')) return String(JSON.parse(token));
  if (/^-?\d/.test(token)) return Number(token);
  if (token === 'true' || token === 'false') return token === 'true';
  return token === 'null' ? null : token;
}

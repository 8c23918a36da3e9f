/**
 * Where a text stops being JSON, as a line and a column counted from 1; undefined when it is JSON.
 *
 * `JSON.parse` tells a position in some Node versions and for some mistakes only (Node 20 gives none for a stray word),
 * and a person with a 200-line file needs the line every time.
 */
export function firstJsonError(
  text: string,
): { readonly line: number; readonly column: number; readonly found: string } | undefined {
  if (isJson(text)) return undefined;
  const offset = new Scanner(text).errorOffset() ?? text.length;
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, found: describe(text, offset) };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function describe(text: string, offset: number): string {
  const rest = text.slice(offset, offset + 20).split('\n')[0] ?? '';
  return offset >= text.length ? 'the end of the file' : JSON.stringify(rest.slice(0, 12));
}

const SPACE = /[ \t\n\r]*/y;
/** Control characters end a string here; that also refuses U+007F to U+009F, which is why `JSON.parse` is asked first. */
const STRING = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])/y;

class NotJson extends Error {
  override readonly name = 'NotJson';
  readonly offset: number;
  constructor(offset: number) {
    super(`not JSON at offset ${offset}`);
    this.offset = offset;
  }
}

class Scanner {
  readonly #text: string;
  #at = 0;
  constructor(text: string) {
    this.#text = text;
  }

  errorOffset(): number | undefined {
    try {
      this.#value();
      this.#skip();
      return this.#at === this.#text.length ? undefined : this.#at;
    } catch (error) {
      if (error instanceof NotJson) return error.offset;
      throw error;
    }
  }

  #value(): void {
    this.#skip();
    if (this.#peek('{')) this.#list('{', '}', () => this.#member());
    else if (this.#peek('[')) this.#list('[', ']', () => this.#value());
    else if (!this.#take(STRING)) this.#need(SCALAR);
  }

  #member(): void {
    this.#skip();
    this.#need(STRING);
    this.#skip();
    this.#needChar(':');
    this.#value();
  }

  #list(open: string, close: string, element: () => void): void {
    this.#needChar(open);
    this.#skip();
    if (!this.#peek(close)) {
      element();
      this.#skip();
      while (this.#peek(',')) {
        this.#at += 1;
        element();
        this.#skip();
      }
    }
    this.#needChar(close);
  }

  #skip(): void {
    this.#take(SPACE);
  }
  #peek(char: string): boolean {
    return this.#text[this.#at] === char;
  }
  #needChar(char: string): void {
    if (!this.#peek(char)) throw new NotJson(this.#at);
    this.#at += 1;
  }
  #need(pattern: RegExp): void {
    if (!this.#take(pattern)) throw new NotJson(this.#at);
  }
  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) return false;
    this.#at = pattern.lastIndex;
    return true;
  }
}

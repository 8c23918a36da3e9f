/**
 * Everything a TypeScript file imports, type-only imports included: a type is a dependency of rooms too.
 *
 * dependency-cruiser reads TypeScript through the compiler's JavaScript API, which TypeScript 7 no longer has; without
 * it, it guesses, and misses two imports out of three. So imports are found here and it judges them (see cruise.ts).
 * The source is first freed of comments and of the inside of template literals, so that text that only looks like an
 * import is none.
 */
export function importsOf(source: string): readonly string[] {
  const code = source.replace(COMMENT_OR_TEXT, (match) => {
    if (match.startsWith('/')) return ' ';
    return match.startsWith('`') ? '``' : match;
  });
  const found = [STATIC, DYNAMIC].flatMap((pattern) =>
    [...code.matchAll(pattern)].flatMap(({ groups }) => groups?.['from'] ?? []),
  );
  return [...new Set(found)];
}

/** A comment, or a text in any of the three quotes; whichever begins first hides the others. */
const COMMENT_OR_TEXT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g;

/** `import x from 'y'`, `import type {…} from 'y'`, `import 'y'`, `export … from 'y'`; clauses may span lines. */
const STATIC = /(?:^|[\n;}])\s*(?:import|export)\b(?:[^'"`;()=]*?\bfrom)?\s*(['"])(?<from>[^'"\n]+)\1/g;

/** `import('y')`, `require('y')`, and `import('y')` as a type. */
const DYNAMIC = /\b(?:import|require)\(\s*(['"])(?<from>[^'"\n]+)\1/g;

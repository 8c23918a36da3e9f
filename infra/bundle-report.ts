import type { Bundles } from './bundle.ts';
import { FUNCTION_NAMES } from './functions/names.ts';

/** What a bundle weighs and what weighs most in it; the benchmark reads it. */
export interface BundleSize {
  readonly name: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** The five largest contributors: packages by name, our own code as `parapet`. */
  readonly largest: readonly { readonly from: string; readonly bytes: number }[];
}

export function bundleSizes({ functions, metafile }: Bundles): readonly BundleSize[] {
  return functions.map(({ name, bytes, gzipBytes }) => {
    const output = Object.entries(metafile.outputs).find(([path]) => path.endsWith(`functions/${name}/index.mjs`))?.[1];
    const byOrigin = new Map<string, number>();
    for (const [path, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
      const from = originOf(path);
      byOrigin.set(from, (byOrigin.get(from) ?? 0) + bytesInOutput);
    }
    const largest = [...byOrigin]
      .map(([from, size]) => ({ from, bytes: size }))
      .sort((a, b) => b.bytes - a.bytes || a.from.localeCompare(b.from))
      .slice(0, 5);
    return { name, bytes, gzipBytes, largest };
  });
}

/** The innermost package of a path, so that a nested copy counts for its own package. */
function originOf(path: string): string {
  const parts = path.split('node_modules/');
  const inside = parts.length > 1 ? parts.at(-1) : undefined;
  if (inside === undefined) return 'parapet';
  const [scope = inside, name] = inside.split('/');
  return scope.startsWith('@') && name !== undefined ? `${scope}/${name}` : scope;
}

/** The report as lines for a person, widest function first. */
export function describeBundleSizes(sizes: readonly BundleSize[]): string {
  const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(0)} KB`;
  const width = Math.max(...FUNCTION_NAMES.map(({ length }) => length));
  return [...sizes]
    .sort((a, b) => b.bytes - a.bytes)
    .map(({ name, bytes, gzipBytes, largest }) => {
      const parts = largest.map((part) => `${part.from} ${kilobytes(part.bytes)}`).join(', ');
      return `${name.padEnd(width)}  ${kilobytes(bytes).padStart(8)}  ${kilobytes(gzipBytes).padStart(7)} gz  ${parts}`;
    })
    .join('\n');
}

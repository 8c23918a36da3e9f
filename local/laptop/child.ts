import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** A program we run ended with another code than 0. `tail` is the end of what it wrote. */
export class ChildFailedError extends Error {
  override readonly name = 'ChildFailedError';
  readonly tail: string;
  /** File with all of it. */
  readonly log: string;
  constructor(message: string, wrote: { readonly tail: string; readonly log: string }) {
    super(message);
    this.tail = wrote.tail;
    this.log = wrote.log;
  }
}

const KEPT_LINES = 40;
/** CloudFormation tells of every resource several times; what failed must not be lost among them. */
const UNREMARKABLE = /\b(?:CREATE|UPDATE|DELETE)_(?:IN_PROGRESS|COMPLETE)\b/;

/**
 * Runs a program to its end; what it writes goes to a log file. It is stopped with us when `signal` says so.
 * @throws ChildFailedError
 */
export async function runChild(options: {
  /** What to call it when it fails. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: string;
  readonly signal?: AbortSignal | undefined;
  readonly onLine?: (line: string) => void;
}): Promise<void> {
  mkdirSync(dirname(options.log), { recursive: true });
  const kept: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const child = spawn(options.command, [...options.args], {
      cwd: options.cwd,
      env: { ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.signal ? { signal: options.signal } : {}),
    });
    const take = (chunk: Buffer): void => {
      const text = chunk.toString('utf8');
      appendFileSync(options.log, text);
      for (const line of text.split('\n')) {
        if (line.trim() === '' || UNREMARKABLE.test(line)) continue;
        kept.push(line);
        options.onLine?.(line);
      }
      kept.splice(0, Math.max(0, kept.length - KEPT_LINES));
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else {
        const what = `${options.name} ended with ${signal ?? code}`;
        reject(new ChildFailedError(what, { tail: kept.join('\n'), log: options.log }));
      }
    });
  });
}

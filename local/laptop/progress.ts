/** Lines with the seconds since the start, so that a person sees that something happens and what takes long. */
export function progress(write: (line: string) => void, now: () => number = Date.now): (line: string) => void {
  const start = now();
  return (line) => write(`${((now() - start) / 1000).toFixed(1).padStart(6)} s  ${line}`);
}

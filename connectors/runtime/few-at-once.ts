/** Works on many things, `most` of them at a time, because a store throttles whoever asks for all at once. Results in order. */
export async function fewAtOnce<T, Result>(
  things: readonly T[],
  most: number,
  work: (thing: T) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < things.length; at += most) {
    results.push(...(await Promise.all(things.slice(at, at + most).map(work))));
  }
  return results;
}

/**
 * What is used of the package `jsonata`. It is handed in: the pipeline imports it when the first generic alert comes, so
 * that the cold start of every other source does not pay for it.
 */
export type Jsonata = (
  text: string,
  options?: { readonly timeout: number; readonly stack: number; readonly sequence: number },
) => {
  ast(): unknown;
  assign(name: string | symbol, value: unknown): void;
  registerFunction(name: string, implementation: () => never): void;
  evaluate(input: unknown): Promise<unknown>;
};

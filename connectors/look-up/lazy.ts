import type { LookUp } from './port.ts';

/** The function of that name, whose client is loaded at the first question: most incidents are told without one. */
export function lookUpIn(functionName: string | undefined): LookUp | undefined {
  if (functionName === undefined) return undefined;
  let made: Promise<LookUp> | undefined;
  return {
    async ask(input) {
      made ??= load(functionName);
      return await (await made).ask(input);
    },
  };
}

async function load(functionName: string): Promise<LookUp> {
  const [{ LambdaClient }, { lambdaLookUp }] = await Promise.all([
    import('@aws-sdk/client-lambda'),
    import('./client.ts'),
  ]);
  return lambdaLookUp(new LambdaClient({}), functionName);
}

import type { LambdaClient } from '@aws-sdk/client-lambda';
import { lookUpOutputSchema } from '../../domain/models/tools.ts';
import { invoke } from '../functions/invoke.ts';
import { type LookUp, LookUpError } from './port.ts';

/** Asks the function `look-up`. Permission: lambda:InvokeFunction on it, and nothing else. */
export function lambdaLookUp(client: LambdaClient, functionName: string): LookUp {
  return {
    async ask(input) {
      try {
        return lookUpOutputSchema.parse(await invoke(client, functionName, input));
      } catch (cause) {
        throw new LookUpError(`${functionName} gave no usable answer`, { cause });
      }
    },
  };
}

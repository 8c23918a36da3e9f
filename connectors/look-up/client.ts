import { lookUpOutputSchema } from '../../domain/models/tools.ts';
import { type InvokeDeps, signedInvoke } from '../functions/signed-invoke.ts';
import { type LookUp, LookUpError } from './port.ts';

/** Asks the function `look-up`, which only reads and may run twice. Permission: lambda:InvokeFunction on it, and nothing else. */
export function lambdaLookUp(deps: InvokeDeps, functionName: string): LookUp {
  return {
    async ask(input) {
      try {
        return lookUpOutputSchema.parse(await signedInvoke(deps, functionName, input));
      } catch (cause) {
        throw new LookUpError(`${functionName} gave no usable answer`, { cause });
      }
    },
  };
}

import * as z from 'zod';
import { list, text } from './lenient.ts';

/** Pieces that several records of the API have. */
export const named = z.object({ id: text, name: text, type: text });

export const properties = z.record(z.string(), z.unknown()).optional().catch(undefined);

export const exposedPath = list(named);

export const categories = list(
  z.object({
    title: text,
    category: z
      .object({ name: text, framework: z.object({ id: text, name: text }).optional().catch(undefined) })
      .optional()
      .catch(undefined),
  }),
);

import * as z from 'zod';

const text = z.string().optional();
const findingSchema = z.object({
  findingArn: z.string(),
  status: text,
  severity: text,
  exploitAvailable: text,
  updatedAt: z.union([z.string(), z.number()]).optional(),
  resources: z.array(
    z.object({
      id: text,
      details: z
        .object({
          awsEcrContainerImage: z
            .object({
              imageHash: text,
              registry: text,
              repositoryName: text,
              imageTags: z.array(z.string()).default([]),
            })
            .optional(),
          awsLambdaFunction: z.object({ functionName: text }).optional(),
        })
        .optional(),
    }),
  ),
});
type Finding = z.infer<typeof findingSchema>;

const conditions = z
  .array(z.strictObject({ comparison: z.literal('EQUALS'), value: z.string() }))
  .min(1)
  .max(10)
  .optional();
const periods = z
  .array(z.strictObject({ startInclusive: z.number().int(), endInclusive: z.number().int() }))
  .min(1)
  .max(10)
  .optional();

/** Fields of FilterCriteria the sandbox knows; the service refuses one that it does not. */
export const filterSchema = z.strictObject({
  findingArn: conditions,
  findingStatus: conditions,
  severity: conditions,
  exploitAvailable: conditions,
  resourceId: conditions,
  ecrImageHash: conditions,
  ecrImageRegistry: conditions,
  ecrImageRepositoryName: conditions,
  ecrImageTags: conditions,
  lambdaFunctionName: conditions,
  updatedAt: periods,
});
export type Filter = z.infer<typeof filterSchema>;

const images = ({ resources }: Finding) => resources.flatMap(({ details }) => details?.awsEcrContainerImage ?? []);

/** What a finding has under the name of each filter. */
const VALUES: Readonly<Record<Exclude<keyof Filter, 'updatedAt'>, (finding: Finding) => readonly unknown[]>> = {
  findingArn: ({ findingArn }) => [findingArn],
  findingStatus: ({ status }) => [status],
  severity: ({ severity }) => [severity],
  exploitAvailable: ({ exploitAvailable }) => [exploitAvailable],
  resourceId: ({ resources }) => resources.map(({ id }) => id),
  ecrImageHash: (finding) => images(finding).map(({ imageHash }) => imageHash),
  ecrImageRegistry: (finding) => images(finding).map(({ registry }) => registry),
  ecrImageRepositoryName: (finding) => images(finding).map(({ repositoryName }) => repositoryName),
  ecrImageTags: (finding) => images(finding).flatMap(({ imageTags }) => imageTags),
  lambdaFunctionName: ({ resources }) => resources.map(({ details }) => details?.awsLambdaFunction?.functionName),
};

/** Every field that is given must fit, by one of its values. */
export function fulfils(record: object, { updatedAt, ...filter }: Filter): boolean {
  const finding = findingSchema.parse(record);
  const at = typeof finding.updatedAt === 'number' ? finding.updatedAt : Date.parse(finding.updatedAt ?? '') / 1000;
  const inTime =
    updatedAt?.some(({ startInclusive, endInclusive }) => at >= startInclusive && at <= endInclusive) ?? true;
  return (
    inTime &&
    Object.entries(VALUES).every(([name, valuesOf]) => {
      const wanted = Object.entries(filter).find(([given]) => given === name)?.[1];
      return wanted === undefined || wanted.some(({ value }) => valuesOf(finding).includes(value));
    })
  );
}

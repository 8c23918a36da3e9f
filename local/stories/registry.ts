import type { Source } from '../../domain/source.ts';
import { story as falco } from './falco.ts';
import { story as generic } from './generic.ts';
import { story as guardDuty } from './guardduty.ts';
import { story as inspector } from './inspector.ts';
import { story as lacework } from './lacework.ts';
import { story as prismaCloud } from './prisma-cloud.ts';
import { story as prismaCloudCompute } from './prisma-cloud-compute.ts';
import type { Story } from './story.ts';
import { story as wiz } from './wiz.ts';

/** One line per source that has a story. */
export const STORIES: Readonly<Partial<Record<Source, Story>>> = {
  'prisma-cloud-compute': prismaCloudCompute,
  guardduty: guardDuty,
  inspector,
  'prisma-cloud': prismaCloud,
  falco,
  generic,
  wiz,
  lacework,
};

export const DEFAULT_STORY: Story = prismaCloudCompute;

import type { Normalization } from '../../../domain/ocsf/detection-finding.ts';
import { capped } from '../../../domain/ocsf/text.ts';
import type { WizAlert } from './alert.ts';
import { shapeOf } from './body-shape.ts';
import type { Delivery } from './delivery.ts';
import { detectionAlert } from './detection.ts';
import { readAlert } from './finding.ts';
import { issueAlert } from './issue.ts';
import { detectionSchema, issueSchema, threatSchema } from './schema.ts';
import { threatAlert } from './threat.ts';

/**
 * A Wiz body (webhook, or the message of an SNS topic) as at most one finding. Pure; never throws.
 *
 * An issue or threat that is resolved or rejected gives no finding: whatever the order of the notifications, only the open
 * ones make the incident, and none of them closes it (rule 1).
 */
export function normalize(received: unknown, delivery: Delivery): Normalization {
  const shape = shapeOf(received);
  if (shape.kind === 'refused') return { ok: false, reason: shape.reason };
  if (shape.kind === 'test') return { ok: true, findings: [], notes: [`a test delivery: ${shape.why}`] };
  const read = alertOf(shape.kind, shape.body);
  if (typeof read === 'string') return { ok: false, reason: read };
  const { alert, status } = read;
  if (isClosed(status)) {
    return {
      ok: true,
      findings: [],
      notes: [
        `${shape.kind} ${JSON.stringify(capped(alert.id, 80))} is ${capped(status ?? '', 40)}: nothing to investigate`,
      ],
    };
  }
  const reading = readAlert(alert, delivery);
  return reading.ok ? { ok: true, findings: [reading.found], notes: reading.notes } : reading;
}

type Read = { readonly alert: WizAlert; readonly status: string | undefined };

function alertOf(kind: 'issue' | 'threat' | 'detection', body: unknown): Read | string {
  switch (kind) {
    case 'issue': {
      const parsed = issueSchema.safeParse(body);
      const id = parsed.data?.issue.id;
      if (!parsed.success || id === undefined) return 'the issue has no readable id';
      return { alert: issueAlert(parsed.data, id), status: parsed.data.issue.status };
    }
    case 'threat': {
      const parsed = threatSchema.safeParse(body);
      const id = parsed.data?.threat.id;
      if (!parsed.success || id === undefined) return 'the threat has no readable id';
      return { alert: threatAlert(parsed.data, id), status: parsed.data.threat.status };
    }
    case 'detection': {
      const parsed = detectionSchema.safeParse(body);
      const id = parsed.data?.id;
      if (!parsed.success || id === undefined) return 'the detection has no readable id';
      // A detection has no status: it happened.
      return { alert: detectionAlert(parsed.data, id), status: undefined };
    }
  }
}

function isClosed(status: string | undefined): boolean {
  return /^(?:resolved|rejected|closed)$/i.test(status ?? '');
}

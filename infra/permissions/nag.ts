import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Accepts findings on exactly this construct (and what it contains), each with its reason. Rules without a pack before
 * `::` are those of AwsSolutions. There is no other place where a finding is accepted, and none for the whole stack.
 */
export function accept(construct: IConstruct, reasons: Readonly<Record<string, string>>): void {
  for (const [rule, reason] of Object.entries(reasons)) {
    const id = rule.includes('::') && !rule.startsWith('IAM') ? rule : `AwsSolutions-${rule}`;
    Validations.of(construct).acknowledge({ id, reason });
  }
}

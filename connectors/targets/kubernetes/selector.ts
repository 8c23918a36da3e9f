import type { LabelSelector } from './schema.ts';

export type Labels = Readonly<Record<string, string>>;

/** Label-selector semantics of the API (kubernetes.io/docs, "Labels and Selectors"): an empty selector matches everything. */
export function selects(selector: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(selector.matchLabels).every(([key, value]) => valueAt(labels, key) === value) &&
    selector.matchExpressions.every((expression) => holds(expression, valueAt(labels, expression.key)))
  );
}

type Expression = LabelSelector['matchExpressions'][number];

function holds({ operator, values }: Expression, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** Keys whose removal makes the selector stop matching. `NotIn` and `DoesNotExist` match all the more without a label. */
export function keysMatchedBy(selector: LabelSelector): readonly string[] {
  return [
    ...Object.keys(selector.matchLabels),
    ...selector.matchExpressions
      .filter(({ operator }) => operator === 'In' || operator === 'Exists')
      .map(({ key }) => key),
  ];
}

/** A Service selects by equality only, and a Service without a selector selects nothing (its endpoints are made by hand). */
export function serviceSelects(selector: Labels, labels: Labels): boolean {
  const wanted = Object.entries(selector);
  return wanted.length > 0 && wanted.every(([key, value]) => valueAt(labels, key) === value);
}

/** Own properties only: a selector for `constructor` must not match every pod. */
function valueAt(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

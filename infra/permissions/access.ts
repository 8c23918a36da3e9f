import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Variable } from '../../connectors/runtime/environment.ts';

/** Services through which a role may use the shared key; the key policy of none of them is wider than its `kms:ViaService`. */
export type KeyUser = 'dynamodb' | 's3' | 'secretsmanager' | 'sqs';

/**
 * One thing a function may do: its statements, the variables that tell it where, and how it touches the shared key.
 * Right and address travel together, so a function cannot be told of a table that it may not use.
 */
export interface Access {
  readonly statements: readonly PolicyStatement[];
  readonly environment?: Partial<Record<Variable, string>>;
  readonly key?: { readonly via: KeyUser; readonly write: boolean };
  /** Why a resource must end in a wildcard, by the resource as cdk-nag spells it (`Resource::…`). */
  readonly wildcards?: Readonly<Record<string, string>>;
}

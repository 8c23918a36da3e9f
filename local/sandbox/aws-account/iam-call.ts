import type { Allow } from './ec2.ts';
import type { AccountState } from './state.ts';
import type { Form } from './wire.ts';

export interface IamCall {
  readonly state: AccountState;
  readonly form: Form;
  readonly allow: Allow;
}

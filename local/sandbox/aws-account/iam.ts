import { tagContext } from './ec2.ts';
import type { IamCall } from './iam-call.ts';
import { simulatePrincipalPolicy } from './simulate.ts';
import { type AccountState, arnOfPrincipal, type RoleState, type UserState } from './state.ts';
import { AwsFault, type Form, page, required, type Xml } from './wire.ts';

/** All inline policies of a role together, in characters without white space. */
const INLINE_LIMIT = 10_240;
const ATTACHED_LIMIT = 20;

type Operation = (call: IamCall, action: string) => { readonly [name: string]: Xml };

const OPERATIONS: Readonly<Record<string, Operation>> = {
  GetRole: (call, action) => {
    const { state } = call;
    return { Role: roleXml(state, roleOf(call, action)) };
  },
  GetUser: (call, action) => {
    const { state } = call;
    return { User: userXml(state, userOf(call, action)) };
  },
  GetRolePolicy: (call, action) => {
    const { form } = call;
    const role = roleOf(call, action);
    const name = required(form, 'PolicyName');
    const document = role.inline[name];
    if (document === undefined) throw noSuch(`The role policy with name ${name} cannot be found.`);
    return { RoleName: role.name, PolicyName: name, PolicyDocument: encodeURIComponent(document) };
  },
  PutRolePolicy: (call, action) => {
    const { form } = call;
    const role = modifiable(roleOf(call, action));
    const document = required(form, 'PolicyDocument');
    readable(document);
    const size = Object.entries({ ...role.inline, [required(form, 'PolicyName')]: document })
      .map(([, text]) => text.replace(/\s/g, '').length)
      .reduce((sum, length) => sum + length, 0);
    if (size > INLINE_LIMIT)
      throw new AwsFault(
        'LimitExceeded',
        `Maximum policy size of ${INLINE_LIMIT} bytes exceeded for role ${role.name}`,
        409,
      );
    role.inline[required(form, 'PolicyName')] = document;
    return {};
  },
  DeleteRolePolicy: (call, action) => {
    const { form } = call;
    const role = modifiable(roleOf(call, action));
    const name = required(form, 'PolicyName');
    if (role.inline[name] === undefined) throw noSuch(`The role policy with name ${name} cannot be found.`);
    role.inline = Object.fromEntries(Object.entries(role.inline).filter(([key]) => key !== name));
    return {};
  },
  ListAttachedRolePolicies: (call, action) => {
    const { form } = call;
    return attachedXml(roleOf(call, action), form);
  },
  ListAttachedUserPolicies: (call, action) => {
    const { form } = call;
    return attachedXml(userOf(call, action), form);
  },
  AttachRolePolicy: (call, action) => {
    const { form } = call;
    return attach(call, modifiable(roleOf(call, action, policyContext(form))));
  },
  AttachUserPolicy: (call, action) => {
    const { form } = call;
    return attach(call, userOf(call, action, policyContext(form)));
  },
  DetachRolePolicy: (call, action) => {
    const { form } = call;
    return detach(form, modifiable(roleOf(call, action, policyContext(form))));
  },
  DetachUserPolicy: (call, action) => {
    const { form } = call;
    return detach(form, userOf(call, action, policyContext(form)));
  },
  GetPolicy: (call, action) => {
    const { state, form, allow } = call;
    const arn = required(form, 'PolicyArn');
    allow(`iam:${action}`, arn);
    policyOf(state, arn);
    return { Policy: { Arn: arn, DefaultVersionId: 'v1' } };
  },
  GetPolicyVersion: (call, action) => {
    const { state, form, allow } = call;
    const arn = required(form, 'PolicyArn');
    allow(`iam:${action}`, arn);
    const document = encodeURIComponent(JSON.stringify(policyOf(state, arn)));
    return { PolicyVersion: { VersionId: required(form, 'VersionId'), IsDefaultVersion: true, Document: document } };
  },
  ListAccessKeys: (call, action) => {
    const { form } = call;
    const user = userOf(call, action);
    const { items, next } = page(user.keys, form['Marker']);
    return {
      AccessKeyMetadata: items.map(({ id, status, created }) => ({
        UserName: user.name,
        AccessKeyId: id,
        Status: status,
        CreateDate: created,
      })),
      IsTruncated: next !== undefined,
      Marker: next,
    };
  },
  GetAccessKeyLastUsed: (call, action) => {
    const { state, form, allow } = call;
    allow(`iam:${action}`, '*');
    const id = required(form, 'AccessKeyId');
    const user = state.users.find(({ keys }) => keys.some((key) => key.id === id));
    // What IAM answers for a key of another account or of none.
    if (user === undefined)
      throw new AwsFault('AccessDenied', 'is not authorized to perform GetAccessKeyLastUsed', 403);
    const used = timeOf(user.keys.find((key) => key.id === id)?.lastUsed);
    return {
      UserName: user.name,
      AccessKeyLastUsed: {
        ...(used ? { LastUsedDate: used } : {}),
        ServiceName: used ? 's3' : 'N/A',
        Region: used ? 'us-east-1' : 'N/A',
      },
    };
  },
  SimulatePrincipalPolicy: (call) => simulatePrincipalPolicy(call),
  UpdateAccessKey: (call, action) => {
    const { form } = call;
    const user = userOf(call, action);
    const key = user.keys.find(({ id }) => id === form['AccessKeyId']);
    if (key === undefined) throw noSuch(`The Access Key with id ${form['AccessKeyId']} cannot be found.`);
    const status = required(form, 'Status');
    if (status !== 'Active' && status !== 'Inactive') throw new AwsFault('ValidationError', 'unknown status');
    key.status = status;
    return {};
  },
};

export function iam(action: string, call: IamCall): { readonly [name: string]: Xml } {
  const operation = OPERATIONS[action];
  if (operation === undefined) throw new AwsFault('InvalidAction', `Could not find operation ${action}`);
  return operation(call, action);
}

function timeOf(lastUsed: string | undefined): string | undefined {
  const days = /^-(\d+)d$/.exec(lastUsed ?? '')?.[1];
  return days === undefined ? lastUsed : new Date(Date.now() - Number(days) * 24 * 3600 * 1000).toISOString();
}

function roleOf({ state, form, allow }: IamCall, action: string, context: Record<string, string> = {}): RoleState {
  const name = required(form, 'RoleName');
  const found = state.roles.find((one) => one.name === name);
  const arn = arnOfPrincipal(state.id, 'role', found ?? { path: '/', name });
  allow(`iam:${action}`, arn, { ...tagContext(found?.tags), ...context });
  if (found === undefined) throw noSuch(`The role with name ${name} cannot be found.`);
  return found;
}

function userOf({ state, form, allow }: IamCall, action: string, context: Record<string, string> = {}): UserState {
  const name = required(form, 'UserName');
  const found = state.users.find((one) => one.name === name);
  const arn = arnOfPrincipal(state.id, 'user', found ?? { path: '/', name });
  allow(`iam:${action}`, arn, { ...tagContext(found?.tags), ...context });
  if (found === undefined) throw noSuch(`The user with name ${name} cannot be found.`);
  return found;
}

function modifiable(role: RoleState): RoleState {
  if (role.path.startsWith('/aws-service-role/') || role.path.startsWith('/aws-reserved/'))
    throw new AwsFault('UnmodifiableEntity', `Cannot perform the operation on the protected role '${role.name}'`);
  return role;
}

function attach({ state, form }: IamCall, to: { attached: string[] }): { readonly [name: string]: Xml } {
  const arn = required(form, 'PolicyArn');
  policyOf(state, arn);
  if (to.attached.includes(arn)) return {};
  if (to.attached.length >= ATTACHED_LIMIT)
    throw new AwsFault('LimitExceeded', `Cannot exceed quota for PoliciesPerRole: ${ATTACHED_LIMIT}`, 409);
  to.attached = [...to.attached, arn];
  return {};
}

function detach(form: Form, from: { attached: string[] }): { readonly [name: string]: Xml } {
  const arn = required(form, 'PolicyArn');
  if (!from.attached.includes(arn)) throw noSuch(`Policy ${arn} was not found.`);
  from.attached = from.attached.filter((one) => one !== arn);
  return {};
}

function policyOf(state: AccountState, arn: string): unknown {
  const found = state.managedPolicies[arn];
  if (found === undefined) throw noSuch(`Policy ${arn} does not exist or is not attachable.`);
  return found;
}

function policyContext(form: Form): Record<string, string> {
  return { 'iam:PolicyARN': form['PolicyArn'] ?? '' };
}

function attachedXml(
  { attached }: { readonly attached: readonly string[] },
  form: Form,
): { readonly [name: string]: Xml } {
  const { items, next } = page(attached, form['Marker']);
  return {
    AttachedPolicies: items.map((arn) => ({ PolicyName: arn.split('/').at(-1) ?? '', PolicyArn: arn })),
    IsTruncated: next !== undefined,
    Marker: next,
  };
}

function readable(document: string): void {
  try {
    JSON.parse(document);
  } catch {
    throw new AwsFault('MalformedPolicyDocument', 'Syntax errors in policy.');
  }
}

function noSuch(message: string): AwsFault {
  return new AwsFault('NoSuchEntity', message, 404);
}

function roleXml({ id: account }: AccountState, role: RoleState): Xml {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: arnOfPrincipal(account, 'role', role),
    CreateDate: '2024-03-01T08:00:00Z',
    AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(role.trust ?? { Statement: [] })),
    MaxSessionDuration: 3600,
    RoleLastUsed: { LastUsedDate: '2026-01-01T00:00:00Z', Region: 'eu-central-1' },
    Tags: Object.entries(role.tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

function userXml({ id: account }: AccountState, user: UserState): Xml {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: arnOfPrincipal(account, 'user', user),
    CreateDate: '2022-05-01T08:00:00Z',
    Tags: Object.entries(user.tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

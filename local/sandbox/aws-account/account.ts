import { type AwsCredentials, authorizationOf } from '../../../connectors/aws/signature.ts';
import type { SandboxCall, SandboxReply, SandboxSystem } from '../system.ts';
import { autoscaling } from './autoscaling.ts';
import { type Allow, ec2 } from './ec2.ts';
import { iam } from './iam.ts';
import { isAllowed, type Policy } from './policy.ts';
import { eks, tagging } from './rest.ts';
import type { AccountState } from './state.ts';
import { AwsFault, type Form, faultReply, numberedIn, queryReply, required } from './wire.ts';

/** A role that may be assumed, as its administrator made it. */
export interface ResponderRole {
  readonly policy: Policy;
  readonly externalId?: string;
  /** The trust policy asks for a person and for the tags of the incident. */
  readonly needsPerson: boolean;
}

export interface AccountSandbox extends SandboxSystem {
  readonly state: AccountState;
  /** Every session that was given, oldest first. */
  readonly sessions: readonly Session[];
  /** Calls that were allowed, `iam:PutRolePolicy arn:…`, oldest first. */
  readonly allowed: readonly string[];
}

export interface Session {
  readonly role: string;
  readonly name: string;
  readonly sourceIdentity: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly policies: readonly Policy[];
  readonly credentials: AwsCredentials;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
const MAX_SESSION_POLICY = 2048;

/**
 * One AWS account as its APIs show it: EC2, IAM, STS, EKS and the tagging service in the wires AWS speaks. Every call but
 * AssumeRole needs a session that was given here, is signed with it, and must be allowed by the policies of role and session.
 * @param options.mount where it is mounted, part of the signed path
 * @param options.caller whose credentials may assume roles; absent: anybody's (functions of an emulator bring keys nobody told us)
 */
export function accountSandbox(
  state: AccountState,
  options: {
    readonly roles: Readonly<Record<string, ResponderRole>>;
    readonly mount: string;
    readonly caller?: AwsCredentials;
  },
): AccountSandbox {
  const sessions: Session[] = [];
  const allowed: string[] = [];

  function handle(call: SandboxCall): SandboxReply {
    const scope = AUTHORIZATION.exec(call.headers['authorization'] ?? '');
    const service = scope?.[4] ?? 'ec2';
    try {
      if (scope === null) throw new AwsFault('MissingAuthenticationToken', 'Missing Authentication Token', 403);
      const [, key = '', , region = ''] = scope;
      const session = sessions.find(({ credentials }) => credentials.accessKeyId === key);
      const credentials = session?.credentials ?? (service === 'sts' ? options.caller : undefined);
      checkSignature(call, options.mount, credentials, scope);
      if (service === 'sts') return assumeRole(formOf(call), key);
      if (session === undefined)
        throw new AwsFault('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
      return answer(call, service, region, allowFor(session, service));
    } catch (error) {
      if (error instanceof AwsFault) return faultReply(service, error);
      throw error;
    }
  }

  function answer(call: SandboxCall, service: string, region: string, allow: Allow): SandboxReply {
    const rest = { ...call, state, region, allow };
    switch (service) {
      case 'ec2': {
        const form = formOf(call);
        return queryReply('ec2', form['Action'] ?? '', ec2(form['Action'] ?? '', { state, region, form, allow }));
      }
      case 'autoscaling': {
        const form = formOf(call);
        return queryReply(
          service,
          form['Action'] ?? '',
          autoscaling(form['Action'] ?? '', { state, region, form, allow }),
        );
      }
      case 'iam': {
        if (region !== 'us-east-1')
          throw new AwsFault('SignatureDoesNotMatch', 'Credential should be scoped to a valid region.', 403);
        const form = formOf(call);
        return queryReply('iam', form['Action'] ?? '', iam(form['Action'] ?? '', { state, form, allow }));
      }
      case 'eks':
        return eks(rest);
      case 'tagging':
        return tagging(call.headers['x-amz-target'] ?? '', rest);
      default:
        throw new AwsFault('InvalidAction', `no service ${service}`);
    }
  }

  function allowFor(session: Session, service: string): Allow {
    return (action, resource, context = {}) => {
      const key = `${action} ${resource}`;
      if (isAllowed(session.policies, { action, resource, context: { ...context } })) {
        allowed.push(key);
        return;
      }
      const code =
        service === 'ec2'
          ? 'UnauthorizedOperation'
          : ['iam', 'autoscaling'].includes(service)
            ? 'AccessDenied'
            : 'AccessDeniedException';
      throw new AwsFault(code, `${session.role} is not authorized to perform: ${action} on resource: ${resource}`, 403);
    };
  }

  function assumeRole(form: Form, caller: string): SandboxReply {
    const asked = askedSession(form);
    const known = options.roles[asked.role];
    if (known === undefined || !trusts(known, form, asked))
      throw new AwsFault(
        'AccessDenied',
        `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${asked.role}`,
        403,
      );
    const number = String(sessions.length);
    const credentials = {
      accessKeyId: `ASIASANDBOX${number.padStart(9, '0')}`,
      secretAccessKey: `secret-of-session-${number}`,
      sessionToken: `token-of-session-${number}`,
    };
    const { policy, ...session } = asked;
    sessions.push({ ...session, policies: [known.policy, ...policy], credentials });
    return queryReply('sts', 'AssumeRole', {
      Credentials: {
        AccessKeyId: credentials.accessKeyId,
        SecretAccessKey: credentials.secretAccessKey,
        SessionToken: credentials.sessionToken,
        Expiration: '2099-01-01T00:00:00Z',
      },
      AssumedRoleUser: {
        Arn: `${asked.role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${asked.name}`,
      },
    });
  }

  return {
    state,
    sessions,
    allowed,
    handle,
    view: () => ({ ...state, sessions: sessions.map(({ credentials: _, policies: __, ...session }) => session) }),
  };
}

interface Asked extends Pick<Session, 'role' | 'name' | 'sourceIdentity' | 'tags'> {
  readonly policy: readonly Policy[];
}

function askedSession(form: Form): Asked {
  if (form['Action'] !== 'AssumeRole') throw new AwsFault('InvalidAction', String(form['Action']));
  const tags = Object.fromEntries(
    Object.keys(form)
      .flatMap((name) => /^Tags\.member\.(\d+)\.Key$/.exec(name)?.[1] ?? [])
      .map((number) => [form[`Tags.member.${number}.Key`] ?? '', form[`Tags.member.${number}.Value`] ?? '']),
  );
  const { SourceIdentity: sourceIdentity, Policy: policy = '' } = form;
  const name = required(form, 'RoleSessionName');
  for (const word of [name, sourceIdentity ?? 'absent'])
    if (!/^[\w+=,.@-]{2,64}$/.test(word)) throw new AwsFault('ValidationError', `${word} is no session name`);
  if (numberedIn(form, 'TransitiveTagKeys.member').some((key) => tags[key] === undefined))
    throw new AwsFault('ValidationError', 'a transitive tag key names no tag');
  if (policy.length > MAX_SESSION_POLICY)
    throw new AwsFault('PackedPolicyTooLarge', 'Packed policy consumes more than its size limit');
  return {
    role: required(form, 'RoleArn'),
    name,
    sourceIdentity,
    tags,
    policy: policy === '' ? [] : [readPolicy(policy)],
  };
}

function trusts(role: ResponderRole, form: Form, { sourceIdentity, tags }: Asked): boolean {
  if (role.externalId !== undefined && form['ExternalId'] !== role.externalId) return false;
  return !role.needsPerson || (sourceIdentity !== undefined && Boolean(tags['incident']));
}

function checkSignature(
  call: SandboxCall,
  mount: string,
  credentials: AwsCredentials | undefined,
  [, , , region = '', service = '', names = '']: RegExpExecArray,
): void {
  if (credentials === undefined) return;
  if ((call.headers['x-amz-security-token'] ?? '') !== (credentials.sessionToken ?? ''))
    throw new AwsFault('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
  const headers = Object.fromEntries(
    names
      .split(';')
      .filter((name) => name !== 'x-amz-date')
      .map((name) => [name, call.headers[name] ?? '']),
  );
  const again = authorizationOf({
    credentials,
    region,
    service,
    method: call.method,
    path: `${mount}${call.path}`.split('/').map(encodeURIComponent).join('/'),
    query: [...call.query].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&'),
    headers: { ...headers, 'X-Amz-Date': call.headers['x-amz-date'] ?? '' },
    body: call.body,
  });
  if (again !== call.headers['authorization'])
    throw new AwsFault('SignatureDoesNotMatch', 'The request signature we calculated does not match.', 403);
}

function formOf(call: SandboxCall): Form {
  if (!(call.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded'))
    throw new AwsFault('InvalidAction', 'unsupported media type', 415);
  return Object.fromEntries(new URLSearchParams(call.body));
}

function readPolicy(text: string): Policy {
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsFault('MalformedPolicyDocument', 'Syntax errors in policy.');
  }
}

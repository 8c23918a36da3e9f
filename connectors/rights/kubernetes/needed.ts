import type { PlannedRequest } from '../../../domain/actions/action.ts';
import { APPLY_PATCH } from '../../targets/kubernetes/requests.ts';

/** What the API server's authorisation looks at for one request (`resourceAttributes` of a SubjectAccessReview). */
export interface ResourceAttributes {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** A request whose path is none of a resource cannot be asked about. */
export class UnknownPathError extends Error {
  override readonly name = 'UnknownPathError';
}

/**
 * The rights requests need, each once, read from method and path exactly as the API server does (apiserver, RequestInfo).
 * A server-side apply makes an object that is not there, so it needs `create` beside `patch`. @throws UnknownPathError
 */
export function neededRights(requests: readonly PlannedRequest[]): readonly ResourceAttributes[] {
  const all = requests.flatMap((request) => {
    const at = locationOf(request.path);
    return verbsOf(request, at.name !== undefined).map((verb) => ({ verb, ...at }));
  });
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

function decoded(path: string): readonly string[] {
  try {
    return (path.split('?')[0] ?? '').split('/').slice(1).map(decodeURIComponent);
  } catch (cause) {
    throw new UnknownPathError(`${path} is no path of a resource`, { cause });
  }
}

/** Parts of a namespace itself; any other word after its name is a resource in it. */
const NAMESPACE_PARTS: ReadonlySet<string> = new Set(['status', 'finalize']);

function locationOf(path: string): Omit<ResourceAttributes, 'verb'> {
  const parts = decoded(path);
  const core = parts[0] === 'api';
  const [group, version] = core ? ['', parts[1]] : [parts[1], parts[2]];
  const rest = parts.slice(core ? 2 : 3);
  const [first, second, third] = rest;
  const inNamespace =
    first === 'namespaces' && second !== undefined && third !== undefined && !NAMESPACE_PARTS.has(third);
  const [resource, name, subresource, ...more] = inNamespace ? rest.slice(2) : rest;
  const whole = [...parts.slice(0, 1), version, resource, ...rest];
  if ((!core && parts[0] !== 'apis') || group === undefined || more.length > 0 || whole.some((part) => !part)) {
    throw new UnknownPathError(`${path} is no path of a resource`);
  }
  const namespace = inNamespace ? second : first === 'namespaces' ? second : undefined;
  return {
    group,
    version: version ?? '',
    resource: resource ?? '',
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

function verbsOf({ method, contentType }: PlannedRequest, named: boolean): readonly string[] {
  switch (method) {
    case 'GET':
      return [named ? 'get' : 'list'];
    case 'POST':
      return ['create'];
    case 'PUT':
      return ['update'];
    case 'PATCH':
      return contentType === APPLY_PATCH ? ['patch', 'create'] : ['patch'];
    case 'DELETE':
      return [named ? 'delete' : 'deletecollection'];
  }
}

/** `patch pods checkout-1 in namespace payments`. */
export function inWords({ verb, resource, subresource, group, namespace, name }: ResourceAttributes): string {
  const what = `${resource}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : ` (${group})`}`;
  return `${verb} ${what}${name === undefined ? '' : ` ${name}`}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}

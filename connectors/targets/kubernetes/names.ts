import { TargetError } from '../errors.ts';

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN_PART = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

/** RFC 1123 label: names of namespaces. */
export function isLabelName(name: string): boolean {
  return LABEL.test(name);
}

/** RFC 1123 subdomain, at most 253 characters: names of pods, services, policies and controllers. */
export function isSubdomainName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((part) => SUBDOMAIN_PART.test(part));
}

/**
 * Names of RBAC objects are only "path segment names" (`system:node`, `eks:addon-manager`): anything but `.`, `..`, slash
 * and percent. We allow printable ASCII of that.
 */
export function isPathSegmentName(name: string): boolean {
  return name.length <= 253 && /^[\x21-\x7e]+$/.test(name) && !/[/%]/.test(name) && name !== '.' && name !== '..';
}

export interface ResourceLocation {
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** Of the named object. */
  readonly subresource?: 'scale' | undefined;
}

const RBAC_GROUP = 'rbac.authorization.k8s.io';

/**
 * Path of a collection or an object. Names come from alerts and may be an attack (`../secrets`), so each is validated and
 * then percent-encoded. @throws TargetError `invalid`
 */
export function resourcePath(at: ResourceLocation): string {
  if (at.namespace !== undefined && !isLabelName(at.namespace)) throw badName('namespace', at.namespace);
  const nameIsValid = at.group === RBAC_GROUP ? isPathSegmentName : isSubdomainName;
  if (at.name !== undefined && !nameIsValid(at.name)) throw badName(at.plural, at.name);
  return [
    at.group === '' ? `/api/${at.version}` : `/apis/${at.group}/${at.version}`,
    ...(at.namespace === undefined ? [] : ['namespaces', encodeURIComponent(at.namespace)]),
    at.plural,
    ...(at.name === undefined ? [] : [encodeURIComponent(at.name)]),
    ...(at.subresource === undefined ? [] : [at.subresource]),
  ].join('/');
}

function badName(what: string, name: string): TargetError {
  return new TargetError('invalid', `${JSON.stringify(name.slice(0, 80))} cannot be the name of ${what} in Kubernetes`);
}

import type { RbacRule } from '../../../domain/actions/action.ts';

/** Everything the account behind `rightsSecret` needs. It reads no object and changes none. */
export const RIGHTS_PERMISSIONS: readonly RbacRule[] = [
  {
    apiGroups: ['authorization.k8s.io'],
    resources: ['subjectaccessreviews'],
    verbs: ['create'],
    why: 'whether an approver could do themselves what they approve',
  },
];

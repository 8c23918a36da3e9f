import type { RbacRule } from '../../../domain/actions/action.ts';

/** What gathering evidence reads. No secrets, no exec, no logs. */
export const EVIDENCE_PERMISSIONS: readonly RbacRule[] = [
  {
    apiGroups: [''],
    resources: ['pods', 'serviceaccounts'],
    verbs: ['get'],
    why: 'the workload and the identity it runs as',
  },
  {
    apiGroups: ['apps'],
    resources: ['replicasets', 'deployments', 'statefulsets', 'daemonsets'],
    verbs: ['get'],
    why: 'who controls the pod',
  },
  { apiGroups: [''], resources: ['nodes'], verbs: ['get'], why: 'the machine the pod runs on' },
  { apiGroups: ['apps'], resources: ['replicasets'], verbs: ['list'], why: 'revisions of a Deployment' },
  { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: ['get'], why: 'who controls the pod' },
  { apiGroups: [''], resources: ['services'], verbs: ['list'], why: 'whether the workload is exposed' },
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['clusterrolebindings', 'rolebindings'],
    verbs: ['list'],
    why: 'rights of the service account',
  },
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['clusterroles', 'roles'],
    verbs: ['get'],
    why: 'what these rights are',
  },
];

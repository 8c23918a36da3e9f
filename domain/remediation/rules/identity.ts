import { type Account, isSubject } from '../../analysis/rules/affected.ts';
import { claim, entityNamed, enumerate, factsOf, type Piece, quote } from '../../analysis/rules/facts.ts';
import { type Context, guide, type Outcome, urgencyOf } from '../context.ts';
import type { Step } from '../guidance.ts';
import { bindingText } from '../known.ts';
import { fixed, object } from '../patch/tree.ts';
import { placeOf, templateSteps } from '../place.ts';
import { command, hint, yamlPatch } from '../steps.ts';

/** Full control of the cluster, taken from an account whose token is within reach of what runs in the pod. */
export function narrowBindings(context: Context): Outcome[] {
  const { pack, accounts } = context.investigation;
  return accounts.flatMap((account) =>
    account.adminBindings.map((binding) => {
      const target = entityNamed(pack, binding.item, 'role-binding', [
        `${binding.fact.bindingKind}/${binding.fact.name}`,
      ]);
      return guide(context, 'narrow-binding', target, () => ({
        title: `Take cluster-admin away from service account ${quote(account.namespace)}/${quote(account.name)}`,
        why: [
          claim(
            'observed',
            `Service account ${quote(account.namespace)}/${quote(account.name)} is cluster-admin through ${binding.fact.bindingKind} ${quote(binding.fact.name)}${account.tokenMounted ? '; its token lies in the pod' : ''}.`,
            [binding.item, account.item],
          ),
        ],
        steps: bindingSteps(context, account, binding),
        urgency: urgencyOf(context),
      }));
    }),
  );
}

function bindingSteps({ slots }: Context, account: Account, binding: Piece<'role-binding'>): Step[] {
  const name = slots.take('binding', bindingText(binding.fact.bindingKind, binding.fact.name));
  const namespace = slots.take('namespace', account.namespace);
  const who = slots.take('service-account', account.name);
  const direct = isSubject(binding.fact.subject, account.namespace, account.name);
  const rest: Step[] =
    direct && binding.fact.subjectCount === 1
      ? [
          command(
            slots,
            'Remove the binding; Parapet offers the same as an action that is approved, verified and can be undone',
            ['kubectl', 'delete', name, ...(binding.fact.bindingKind === 'RoleBinding' ? ['-n', namespace] : [])],
          ),
        ]
      : [
          hint(
            direct
              ? 'The binding has other subjects: take only this account out of its subjects, in the manifest it comes from. Binding: '
              : 'The account has these rights through a group: take the group out of the subjects only after finding who else relies on it. Binding: ',
            name,
          ),
        ];
  return [
    command(slots, 'Keep the output: it is the way back', ['kubectl', 'get', name, '-o', 'yaml']),
    command(slots, 'See what the account may do now', [
      'kubectl',
      'auth',
      'can-i',
      '--list',
      '--as',
      ['system:serviceaccount:', namespace, ':', who],
      '-n',
      namespace,
    ]),
    yamlPatch(
      'kubernetes-manifest',
      'Where it needs the Kubernetes API: reading within its own namespace, to be widened by what it proves to need',
      'a file parapet-narrow-binding.yaml, and wherever the manifests are kept',
      object({
        apiVersion: fixed('rbac.authorization.k8s.io/v1'),
        kind: fixed('RoleBinding'),
        metadata: object({ name: fixed('parapet-narrow-binding'), namespace }),
        roleRef: object({
          apiGroup: fixed('rbac.authorization.k8s.io'),
          kind: fixed('ClusterRole'),
          name: fixed('view'),
        }),
        subjects: [object({ kind: fixed('ServiceAccount'), name: who, namespace })],
      }),
    ),
    command(slots, 'Bind it first, so that the program keeps what it needs', [
      'kubectl',
      'apply',
      '-f',
      'parapet-narrow-binding.yaml',
    ]),
    ...rest,
  ];
}

/** A token that is not there cannot be stolen. */
export function noToken(context: Context): Outcome[] {
  if (!context.underAttack) return [];
  return context.investigation.accounts
    .filter(({ tokenMounted }) => tokenMounted)
    .map((account) =>
      guide(context, 'no-token', account.entity, () => {
        const place = placeOf(context);
        const others = account.bindings.length - account.adminBindings.length;
        return {
          title: `Keep the token of service account ${quote(account.namespace)}/${quote(account.name)} out of the pod`,
          why: [
            claim(
              'observed',
              `The token of service account ${quote(account.namespace)}/${quote(account.name)} is mounted into the pod, where whatever runs in it can read it.`,
              [account.item],
            ),
          ],
          steps: [
            ...templateSteps(context, place, {
              purpose: 'Mount no token of the Kubernetes API',
              file: 'parapet-no-token.yaml',
              podSpec: object({ automountServiceAccountToken: false }),
              values: object({ automountServiceAccountToken: false, serviceAccount: object({ automount: false }) }),
            }),
            ...(others > 0
              ? [
                  hint(
                    'The account also has rights that look intended: ask first whether the program calls the Kubernetes API. If it does, give it a projected token of a short life.',
                  ),
                ]
              : []),
          ],
          urgency: 'soon' as const,
        };
      }),
    );
}

const CREDENTIAL_SIGNS = new Set(['token-read', 'credential-file-read']);

/** What the intruder could read is to be replaced: the token, the cloud role, the secrets of the namespace. */
export function rotateCredentials(context: Context): Outcome[] {
  const { accounts, behaviours } = context.investigation;
  if (!context.underAttack) return [];
  const seen = behaviours.filter(({ name }) => CREDENTIAL_SIGNS.has(name)).flatMap(({ items }) => items);
  return accounts
    .filter(({ tokenMounted }) => tokenMounted)
    .map((account) =>
      guide(context, 'rotate-credentials', account.entity, () => {
        const { slots } = context;
        const namespace = slots.take('namespace', account.namespace);
        const who = slots.take('service-account', account.name);
        const role =
          account.cloudRole === undefined ? undefined : slots.maybe('cloud-role', account.cloudRole.split('/').at(-1));
        const reach = [
          `the token of service account ${quote(account.namespace)}/${quote(account.name)}`,
          ...(account.cloudRole === undefined ? [] : [`sessions of cloud role ${quote(account.cloudRole, 160)}`]),
        ];
        return {
          title: `Replace the credentials that were within reach of ${quote(account.namespace)}/${quote(account.name)}`,
          why: [
            claim('observed', `What ran in the pod could read ${enumerate(reach)}.`, [account.item]),
            ...(seen.length === 0 ? [] : [claim('observed', 'A command named a token or a credential file.', seen)]),
          ],
          steps: [
            command(slots, 'Which secrets there are in the namespace (names only)', [
              'kubectl',
              'get',
              'secrets',
              '-n',
              namespace,
              '-o',
              'name',
            ]),
            command(slots, 'Whether the account may read them', [
              'kubectl',
              'auth',
              'can-i',
              'get',
              'secrets',
              '--as',
              ['system:serviceaccount:', namespace, ':', who],
              '-n',
              namespace,
            ]),
            hint(
              'Replace every secret the pod mounts, has in its environment or may read, at its issuer: a new copy of the old value changes nothing.',
            ),
            ...(role === undefined
              ? []
              : [
                  command(slots, 'What the cloud role may do, to know what must be looked through', [
                    'aws',
                    'iam',
                    'list-attached-role-policies',
                    '--role-name',
                    role,
                  ]),
                  hint(
                    'Revoke the sessions of role ',
                    role,
                    ' (IAM console: role, Revoke sessions), after the way in is closed; pods that use it honestly must then be restarted.',
                  ),
                ]),
            hint(
              'A token bound to a pod dies with that pod; a Secret of type kubernetes.io/service-account-token lives on and must be deleted.',
            ),
          ],
          urgency: urgencyOf(context),
        };
      }),
    );
}

const EXEC = /attach\/exec|\bexec (?:in)?to\b|pods?\/exec|terminal shell|interactive shell|kubectl exec/i;

/** A person's shell in a running container: take the right away where nobody needs it every day. */
export function noExec(context: Context): Outcome[] {
  const { pack, behaviours, affected } = context.investigation;
  const alerts = factsOf(pack, 'alert').filter(({ fact }) =>
    EXEC.test(`${fact.title} ${fact.category} ${fact.rule ?? ''}`),
  );
  const calls = factsOf(pack, 'api-call').filter(({ fact }) => /\bexec\b/i.test(fact.operation));
  const shells = behaviours.filter(({ name }) => name === 'interactive-shell').flatMap(({ items }) => items);
  const items = [...alerts.map(({ item }) => item), ...calls.map(({ item }) => item), ...shells];
  if (items.length === 0 || pack.workload.kind !== 'pod') return [];
  const target = affected.map(({ entity }) => entity).find((entity) => entity !== undefined);
  return [
    guide(context, 'no-exec', target ?? podNamed(context), () => {
      const { slots } = context;
      const namespace = slots.take('namespace', pack.workload.kind === 'pod' ? pack.workload.namespace : undefined);
      const who = [...new Set(calls.flatMap(({ fact }) => fact.principal ?? []))]
        .slice(0, 3)
        .map((name) => quote(name, 100));
      return {
        title: `Let nobody open a shell in pods of namespace ${namespace.text} by habit`,
        why: [
          claim(
            'observed',
            `An interactive shell or command was started in a running pod of namespace ${namespace.text}${who.length === 0 ? '' : `, by ${enumerate(who)}`}.`,
            items,
          ),
        ],
        steps: [
          command(slots, 'Who has roles in the namespace', [
            'kubectl',
            'get',
            'rolebindings',
            '-n',
            namespace,
            '-o',
            'wide',
          ]),
          command(slots, 'Who has roles in the whole cluster', ['kubectl', 'get', 'clusterrolebindings', '-o', 'wide']),
          yamlPatch(
            'kubernetes-manifest',
            'A role that looks and reads logs, without pods/exec and pods/attach, to bind instead',
            'a file parapet-no-exec.yaml, and wherever the manifests are kept',
            object({
              apiVersion: fixed('rbac.authorization.k8s.io/v1'),
              kind: fixed('Role'),
              metadata: object({ name: fixed('look-and-read-logs'), namespace }),
              rules: [
                object({
                  apiGroups: [fixed('')],
                  resources: [fixed('pods'), fixed('pods/log'), fixed('events')],
                  verbs: [fixed('get'), fixed('list'), fixed('watch')],
                }),
              ],
            }),
          ),
          command(slots, 'Create it', ['kubectl', 'apply', '-f', 'parapet-no-exec.yaml']),
          hint(
            'For an emergency keep a role with pods/exec that is bound for an hour and by request, and alert on its use.',
          ),
        ],
        urgency: context.underAttack ? ('soon' as const) : ('planned' as const),
      };
    }),
  ];
}

function podNamed({ investigation: { pack } }: Context) {
  const { workload } = pack;
  if (workload.kind !== 'pod') return undefined;
  return pack.entities.find(
    ({ kind, canonical }) =>
      kind === 'pod' && canonical === `${workload.cluster}/${workload.namespace}/${workload.pod}`,
  );
}

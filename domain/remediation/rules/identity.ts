import { type Account, isSubject } from '../../analysis/rules/affected.ts';
import { claim, entityNamed, enumerate, type Piece, quote } from '../../analysis/rules/facts.ts';
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

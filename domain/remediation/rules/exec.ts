import { claim, enumerate, factsOf, quote } from '../../analysis/rules/facts.ts';
import { type Context, guide, type Outcome } from '../context.ts';
import { fixed, object } from '../patch/tree.ts';
import { command, hint, yamlPatch } from '../steps.ts';
import { workloadEntity } from './subject.ts';

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
    guide(context, 'no-exec', target ?? workloadEntity(pack), () => {
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

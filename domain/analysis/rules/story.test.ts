import { describe, expect, it } from 'vitest';
import { cryptoMinerPack, entity, IMAGE, POD, storyWith } from '../../../test/stories/crypto-miner.ts';
import type { EntityRef } from '../../evidence/pack.ts';
import { analyseByRules } from './analyse.ts';

/** What the analysis of the sample story must tell an analyst, sentence by sentence, each with the evidence it stands on. */
const pack = cryptoMinerPack();
const analysis = analyseByRules(pack);

function idOf(ref: EntityRef): string {
  return pack.entities.find(({ kind, canonical }) => kind === ref.kind && canonical === ref.canonical)?.id ?? 'missing';
}

/** The one claim that says `words`, and the facts it cites. */
function told(...words: readonly string[]) {
  const found = analysis.narrative.filter(({ text }) => words.every((word) => text.includes(word)));
  expect(
    found.map(({ text }) => text),
    `exactly one claim says ${words.join(' … ')}`,
  ).toHaveLength(1);
  const [claim] = found;
  return {
    kind: claim?.kind,
    entities: claim?.entities ?? [],
    facts: pack.items.filter(({ id }) => claim?.evidence.includes(id)).map(({ fact }) => fact.kind),
  };
}

describe('the crypto-miner story', () => {
  it('is malicious and critical, and says why it is more than the vendor said', () => {
    expect(analysis).toMatchObject({
      outcome: 'analysed',
      verdict: 'malicious',
      severity: 'critical',
      confidence: 'high',
    });
    expect(analysis.severityReason).toBe(
      "The vendor's severity is high; raised to critical, because service account payments/checkout of the pod is cluster-admin and CVE-2021-44228, which is exploited in the wild, fits what was observed.",
    );
    expect(analysis.headline).toBe(
      'Crypto-miner in payments/checkout in prod-eks: CVE-2021-44228 likely exploited and service account is cluster-admin',
    );
  });

  it('names container, image, pod, deployment and cluster', () => {
    const container = told('Container', IMAGE);
    expect(container.facts).toEqual(['container']);
    expect(container.entities).toEqual([idOf(entity.container), idOf(entity.image)]);
    const pod = told(POD, 'namespace payments', 'cluster prod-eks', 'Deployment checkout');
    expect(pod.facts).toEqual(['pod', 'controller']);
    expect(pod.entities).toContain(idOf(entity.cluster));
  });

  it('says what runs, and who started it up to the entry point', () => {
    const ran = told(
      '4711 /tmp/.x/xmrig runs as user root',
      'stratum+tcp://pool.example.net:3333',
      'mines cryptocurrency',
    );
    expect(ran.entities).toContain(idOf(entity.miner));
    const tree = told(
      '4711 /tmp/.x/xmrig was started by 4690 /bin/sh',
      'which was started by 1 /usr/bin/java',
      'entry process',
    );
    expect(tree.facts).toEqual(['process', 'process', 'process']);
    expect(tree.entities).toEqual(expect.arrayContaining([idOf(entity.miner), idOf(entity.shell), idOf(entity.java)]));
  });

  it('says what was downloaded and written, and where it connects', () => {
    told('downloaded /x.sh from 203.0.113.7', 'straight to a shell');
    expect(told('File /tmp/.x/xmrig was written by process 4690', 'run as process 4711').facts).toEqual([
      'file-written',
      'process',
    ]);
    expect(told('connected to 203.0.113.50 port 3333').entities).toContain(idOf(entity.poolIp));
    told('name pool.example.net was looked up');
  });

  it('says what was never seen before', () => {
    expect(told('Port 3333 was never seen since 2025-09-01').facts).toEqual(['connection', 'learned-behaviour']);
  });

  it('gives the vulnerability with its score and the fix, and how it may have been the way in', () => {
    expect(told('CVE-2021-44228 (CVSS 10, critical, exploited in the wild)', 'a fix exists in 2.15.0').facts).toEqual([
      'vulnerability',
    ]);
    const inferred = told('CVE-2021-44228 is likely the way in');
    expect(inferred.kind).toBe('inferred');
    expect(inferred.facts).toEqual(['process', 'process', 'vulnerability']);
    expect(analysis.vulnerabilities).toMatchObject([
      { cve: 'CVE-2021-44228', relevance: 'likely_exploited', cvss: 10, fixedIn: '2.15.0', entity: idOf(entity.log4j) },
      { cve: 'CVE-2023-44487', relevance: 'reachable', cvss: 7.5, fixedIn: '9.0.81' },
    ]);
  });

  it('says that the service account is cluster-admin, and through which binding', () => {
    const admin = told(
      'payments/checkout of the pod is cluster-admin through ClusterRoleBinding checkout-cluster-admin',
    );
    expect(admin.facts).toEqual(['service-account', 'role-binding']);
    expect(admin.entities).toEqual(expect.arrayContaining([idOf(entity.account), idOf(entity.binding)]));
  });

  it('says what was deployed just before, and what is weak about the container', () => {
    expect(
      told('16 minutes before the first alert', 'checkout:1.42.0', 'before it ran', 'checkout:1.41.3').facts,
    ).toEqual(['alert', 'revision']);
    told('it runs as root, privilege escalation is allowed and its root file system is writable');
  });

  it('tells the events in the order they happened', () => {
    expect(analysis.timeline.map(({ at, statement }) => `${at.slice(11, 19)} ${statement.slice(0, 40)}`)).toEqual([
      '08:59:30 Deployment checkout was changed to revis',
      '08:59:35 Pod payments/checkout-6d9f7c5b8d-x2x9q w',
      '08:59:41 Container /k8s_checkout_checkout-6d9f7c5',
      '08:59:41 Process 1 /usr/bin/java started.',
      '09:15:40 Process 4690 /bin/sh started.',
      '09:15:47 File /tmp/.x/xmrig was written.',
      '09:15:50 Process 4711 /tmp/.x/xmrig started.',
      '09:15:51 The name pool.example.net was looked up.',
      '09:15:52 The vendor reported "Crypto miner proces',
      '09:15:52 Outbound connection to 203.0.113.50 port',
    ]);
  });

  it('maps to ATT&CK, the vendor’s mapping beside its own', () => {
    expect(analysis.techniques.map(({ id, tactic }) => `${id} ${tactic}`)).toEqual([
      'T1059.004 Execution',
      'T1105 Command and Control',
      'T1190 Initial Access',
      'T1496 Impact',
      'T1496.001 Impact',
    ]);
  });

  it('recommends to quarantine the pod, to remove the binding, to update the image and to rotate the token', () => {
    expect(
      analysis.actions.map(({ action, target, parameters, urgency }) => ({ action, target, parameters, urgency })),
    ).toEqual([
      { action: 'kubernetes.quarantine-pod', target: idOf(entity.pod), parameters: [], urgency: 'immediate' },
      {
        action: 'kubernetes.remove-role-binding',
        target: idOf(entity.binding),
        parameters: [{ name: 'subject', value: 'payments/checkout' }],
        urgency: 'immediate',
      },
      {
        action: 'advice.update-image',
        target: idOf(entity.image),
        parameters: [
          { name: 'org.apache.logging.log4j_log4j-core', value: '2.15.0' },
          { name: 'org.apache.tomcat.embed_tomcat-embed-core', value: '9.0.81' },
        ],
        urgency: 'immediate',
      },
      { action: 'advice.rotate-credentials', target: idOf(entity.account), parameters: [], urgency: 'soon' },
    ]);
    for (const { rationale, risk, evidence } of analysis.actions) {
      expect(rationale.length).toBeGreaterThan(20);
      expect(risk.length).toBeGreaterThan(20);
      expect(evidence.length).toBeGreaterThan(0);
    }
  });

  it('shows what can be reached: the token, the cluster it controls, the node, the other replica, the service', () => {
    expect(analysis.blastRadius.entities.map(({ entity: id, relation }) => [id, relation])).toEqual([
      [idOf(entity.pod), 'affected'],
      [idOf(entity.container), 'affected'],
      [idOf(entity.account), 'credential_exposed'],
      [idOf(entity.cluster), 'reachable'],
      [idOf(entity.node), 'reachable'],
      [idOf(entity.otherPod), 'reachable'],
      [idOf(entity.service), 'affected'],
    ]);
    expect(analysis.blastRadius.statement).toContain('gives control of the whole cluster');
  });

  it('admits that the exploit itself was not seen', () => {
    expect(analysis.unknowns[0]?.question).toContain('Was CVE-2021-44228 really the way in?');
  });

  it('does not blame the library when the service started no shell', () => {
    const quiet = analyseByRules(
      storyWith((draft) => (draft.fact.kind === 'process' && draft.fact.pid === 4690 ? undefined : draft)),
    );
    expect(quiet.vulnerabilities.map(({ cve, relevance }) => `${cve} ${relevance}`)).toEqual([
      'CVE-2021-44228 reachable',
      'CVE-2023-44487 reachable',
    ]);
  });

  it('calls a package of another runtime only present, and says so', () => {
    const other = analyseByRules(
      storyWith((draft) =>
        draft.fact.kind === 'vulnerability' ? { ...draft, fact: { ...draft.fact, packageType: 'nodejs' } } : draft,
      ),
    );
    expect(other.vulnerabilities[0]).toMatchObject({ relevance: 'present' });
    expect(other.vulnerabilities[0]?.rationale).toContain('no nodejs process was seen');
  });

  it('leaves a binding of a whole group alone, although it still raises the severity', () => {
    const group = analyseByRules(
      storyWith((draft) =>
        draft.fact.kind === 'role-binding'
          ? { ...draft, fact: { ...draft.fact, subject: 'Group/system:serviceaccounts:payments' } }
          : draft,
      ),
    );
    expect(group.severity).toBe('critical');
    expect(group.actions.map(({ action }) => action)).not.toContain('kubernetes.remove-role-binding');
  });
});

describe('an incident with several pods of one controller', () => {
  it('recommends to quarantine each pod an alert names, and no other', () => {
    const both = storyWith((draft) =>
      draft.fact.kind === 'alert' ? { ...draft, entities: [...draft.entities, entity.otherPod] } : draft,
    );
    const targets = (actions: readonly { readonly action: string; readonly target: string }[], of: typeof pack) =>
      actions
        .filter(({ action }) => action === 'kubernetes.quarantine-pod')
        .map(({ target }) => of.entities.find(({ id }) => id === target)?.canonical);
    expect(targets(analysis.actions, pack)).toEqual([entity.pod.canonical]);
    expect(targets(analyseByRules(both).actions, both)).toEqual([entity.pod.canonical, entity.otherPod.canonical]);
  });
});

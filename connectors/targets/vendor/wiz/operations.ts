/** Documents sent to Wiz, word for word. What only newer tenants know stands in a document of its own: an older one refuses the whole. */
export const ISSUE = `query AnswerableIssue($id: ID!) {
  issue(id: $id) { id status notes { id text } entitySnapshot { id type } }
}`;

export const ISSUE_TYPE = `query AnswerableIssueType($id: ID!) {
  issue(id: $id) { id type }
}`;

export const SET_STATUS = `mutation SetIssueStatus($id: ID!, $patch: UpdateIssuePatch) {
  updateIssue(input: { id: $id, patch: $patch }) { issue { id status resolutionReason dueAt } }
}`;

export const CREATE_NOTE = `mutation CreateIssueComment($input: CreateIssueNoteInput!) {
  createIssueNote(input: $input) { issueNote { id createdAt text } }
}`;

export const DELETE_NOTE = `mutation DeleteIssueNote($input: DeleteIssueNoteInput!) {
  deleteIssueNote(input: $input) { _stub }
}`;

export const COPY_FORENSICS = `mutation CopyResourceForensicsToExternalAccount($input: CopyResourceForensicsToExternalAccountInput!) {
  copyResourceForensicsToExternalAccount(input: $input) { systemActivityGroupId }
}`;

/** `mutation SetIssueStatus(` -> `SetIssueStatus` */
export function nameOf(document: string): string {
  return /^(?:query|mutation) (\w+)/.exec(document)?.[1] ?? '';
}

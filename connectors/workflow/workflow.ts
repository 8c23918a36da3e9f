/** How telling a waiting execution ended. `gone`: nobody waits for this token any more; telling again cannot help. */
export type Answered = { readonly outcome: 'accepted' } | { readonly outcome: 'gone'; readonly reason: string };

export interface Workflow {
  /** Answers a task token with JSON. @throws what is worth repeating: throttling, 5xx, no connection */
  succeed(taskToken: string, output: unknown): Promise<Answered>;
}

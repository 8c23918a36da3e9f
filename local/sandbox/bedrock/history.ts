import type { ConverseBlock, ConverseRequest } from './schema.ts';

/** What Converse refuses in a conversation, in the service's words as far as they are known. */
export function wrongInHistory({ messages, toolConfig }: ConverseRequest): string | undefined {
  if (messages[0]?.role !== 'user') return 'A conversation must start with a user message.';
  if (messages.at(-1)?.role !== 'user') return 'This model does not support assistant message prefill.';
  for (const [at, { role, content }] of messages.entries()) {
    const before = messages[at - 1];
    if (before?.role === role) return 'Conversation roles must alternate between "user" and "assistant".';
    if (content.some(isTool) && toolConfig === undefined)
      return 'The toolConfig field must be defined when using toolUse and toolResult content blocks.';
    const [asked, answered] = [callsIn(before?.content ?? []), resultsIn(content)];
    if (role === 'user' && asked.join() !== answered.join())
      return `Expected toolResult blocks at messages.${at}.content for the following Ids: ${asked.join(', ')}`;
  }
  return undefined;
}

function isTool(block: ConverseBlock): boolean {
  return 'toolUse' in block || 'toolResult' in block;
}

function callsIn(content: readonly ConverseBlock[]): readonly string[] {
  return content.flatMap((block) => ('toolUse' in block ? block.toolUse.toolUseId : [])).sort();
}

function resultsIn(content: readonly ConverseBlock[]): readonly string[] {
  return content.flatMap((block) => ('toolResult' in block ? block.toolResult.toolUseId : [])).sort();
}

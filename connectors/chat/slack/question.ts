import type { ActionsBlock, Button, KnownBlock } from '@slack/types';
import { BUTTONS, type ButtonDecision, buttonValue } from './interaction.ts';
import { type ChatWords, messageBlocks } from './map.ts';

/** One question about one action, or what became of it. */
export interface QuestionContent extends ChatWords {
  readonly approvalId: string;
  readonly planDigest: string;
  /** Empty: there is nothing to decide here. */
  readonly buttons: readonly ButtonDecision[];
  /** Grows with every change of the message: Slack wants new block ids then. */
  readonly revision: number;
}

/** The words, and below them the buttons. They always fit: words give way, buttons do not. */
export function questionBlocks(content: QuestionContent): KnownBlock[] {
  if (content.buttons.length === 0) return messageBlocks(content);
  const actions: ActionsBlock = {
    type: 'actions',
    block_id: `parapet_decide_${content.approvalId}_${content.revision}`,
    elements: content.buttons.map((decision) => button(decision, content)),
  };
  return [...messageBlocks(content, 1), actions];
}

/** The dialog is a second click on purpose: one on a phone is made by accident. */
function button(decision: ButtonDecision, { approvalId, planDigest }: QuestionContent): Button {
  const words = DIALOGS[decision];
  return {
    type: 'button',
    action_id: BUTTONS[decision],
    style: words.style,
    text: { type: 'plain_text', text: words.label },
    value: buttonValue(approvalId, planDigest),
    confirm: {
      title: { type: 'plain_text', text: words.title },
      text: { type: 'plain_text', text: words.text },
      confirm: { type: 'plain_text', text: words.label },
      deny: { type: 'plain_text', text: 'Not now' },
      style: words.style,
    },
  };
}

const DIALOGS: Readonly<
  Record<ButtonDecision, { style: 'primary' | 'danger'; label: string; title: string; text: string }>
> = {
  approved: {
    style: 'primary',
    label: 'Approve',
    title: 'Approve this action?',
    text: 'Parapet then checks that the target is still as it was, executes exactly what this message is about, and reads the target back. Your name is recorded.',
  },
  rejected: {
    style: 'danger',
    label: 'Reject',
    title: 'Reject this action?',
    text: 'It is then not executed, whatever others say. Your name is recorded.',
  },
};

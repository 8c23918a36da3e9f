import { PROMPT as anomalyExplanation } from './generated/anomaly-explanation.ts';
import { PROMPT as ask } from './generated/ask.ts';
import { PROMPT as blockedEvent } from './generated/blocked-event.ts';
import { PROMPT as briefingNarrative } from './generated/briefing-narrative.ts';
import { PROMPT as chatSummary } from './generated/chat-summary.ts';
import { PROMPT as incidentAnalysis } from './generated/incident-analysis.ts';
import { PROMPT as remediationGuidance } from './generated/remediation-guidance.ts';
import { PROMPT as repair } from './generated/repair.ts';
import { PROMPT as ticketSummary } from './generated/ticket-summary.ts';

/** All of them, for tools and tests; a function imports the modules of those it uses. */
export const PROMPTS = {
  'incident-analysis': incidentAnalysis,
  repair,
  ask,
  'remediation-guidance': remediationGuidance,
  'blocked-event': blockedEvent,
  'anomaly-explanation': anomalyExplanation,
  'ticket-summary': ticketSummary,
  'chat-summary': chatSummary,
  'briefing-narrative': briefingNarrative,
} as const;

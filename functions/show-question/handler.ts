import { lambda } from '../../connectors/runtime/handler.ts';
import { compose } from './composition.ts';
import { showQuestions } from './show-question.ts';

export const handler = lambda('show-question', compose, showQuestions);

import { Construct } from 'constructs';
import { modelSecretsOf } from '../../domain/config/models.ts';
import { PipelineFunction } from '../functions/pipeline-function.ts';
import { callModels } from '../permissions/models.ts';
import { callFunction, readEvidence, writeQuestions } from '../permissions/outside.ts';
import { addQuestions, appendAudit, countSpending, readIncidents } from '../permissions/tables.ts';
import type { Investigation, StageProps } from './investigation.ts';

interface QuestionsProps extends StageProps {
  readonly investigation: Pick<Investigation, 'lookUp'>;
}

/** People who ask at once; more wait. It also bounds what a script that asks in a loop can cost in a minute. */
const ASKING_CONCURRENCY = 5;

/**
 * Questions of people about incidents. No edge leads here: whoever may call the function by IAM may ask. It can change no
 * incident and read no other system; without models it calls nobody.
 */
export class Questions extends Construct {
  readonly ask: PipelineFunction;

  constructor(
    scope: Construct,
    id: string,
    { configuration, setting, stores, secrets, investigation }: QuestionsProps,
  ) {
    super(scope, id);
    const { models } = configuration;
    this.ask = new PipelineFunction(this, 'Ask', {
      verb: 'ask',
      setting,
      reserved: ASKING_CONCURRENCY,
      access: [
        readIncidents(stores),
        addQuestions(stores),
        readEvidence(stores, 'incidents'),
        writeQuestions(stores),
        appendAudit(stores),
        ...(models === undefined
          ? []
          : [
              countSpending(stores),
              callModels(this, models),
              secrets.read(modelSecretsOf(models)),
              callFunction('LOOK_UP_FUNCTION', 'LookUp', investigation.lookUp.lambda),
            ]),
      ],
    });
  }
}

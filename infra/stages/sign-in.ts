import { type HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import { PipelineFunction } from '../functions/pipeline-function.ts';
import { accept } from '../permissions/nag.ts';
import type { StageProps } from './investigation.ts';

interface SignInProps extends Omit<StageProps, 'stores'> {
  readonly people: { readonly api: HttpApi };
}

/**
 * Where approvers prove who they are. It reaches no table and no bucket: all it can do is say who somebody is. Without an
 * identity provider in the configuration it reads no secret and has no address.
 */
export class SignIn extends Construct {
  readonly functions: readonly PipelineFunction[];

  constructor(scope: Construct, id: string, { configuration, setting, secrets, people }: SignInProps) {
    super(scope, id);
    const { signIn, linkSecret } = configuration.approvals;
    const own = signIn?.clientSecret === undefined ? [] : [signIn.clientSecret];
    const verb = new PipelineFunction(this, 'SignIn', {
      verb: 'sign-in',
      setting,
      access: [secrets.read(signIn === undefined ? [] : [linkSecret, ...own])],
    });
    this.functions = [verb];
    if (signIn === undefined) return;
    const integration = new HttpLambdaIntegration('ToSignIn', verb.lambda);
    for (const path of ['/sign-in/callback', '/sign-in/{id}']) {
      for (const route of people.api.addRoutes({ path, methods: [HttpMethod.GET], integration })) {
        accept(route, {
          APIG4:
            'sign-in starts from a signed link alone and ends with an answer of the identity provider, which it verifies',
        });
      }
    }
  }
}

/** arn:aws:states:<region>:<account>:execution:<machine>:<name>; closed alphabets, because it becomes part of a URL. */
const EXECUTION = /^arn:aws:states:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:execution:[\w-]{1,80}:[\w-]{1,80}$/;

/** Where an operator sees the incident's run; undefined when the ARN is not one. (Other AWS partitions have other console hosts.) */
export function executionUrl(arn: string | undefined): string | undefined {
  const region = arn === undefined ? undefined : EXECUTION.exec(arn)?.[1];
  return arn === undefined || region === undefined
    ? undefined
    : `https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/${encodeURIComponent(arn)}`;
}

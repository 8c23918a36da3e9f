/**
 * A credential of each kind Parapet knows. All are invented, and put together at run time so that secret scanners do not
 * mistake this file for a leak. `core` is what must not be seen anywhere; `text` is how it is met.
 */
export interface PlantedSecret {
  readonly kind: string;
  readonly core: string;
  readonly text: string;
}

const itself = (kind: string, ...parts: readonly string[]): PlantedSecret => {
  const core = parts.join('');
  return { kind, core, text: core };
};
const within = (kind: string, core: string, text: (core: string) => string): PlantedSecret => ({
  kind,
  core,
  text: text(core),
});

const MIXED = 'aB3dE5gH7jK9mN1pQ2sT4vW6yZ8';
const HEX = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const SECRET_KEY = 'wJalr/INVENTED+INVENTED7INVENTED0INVENTE';

export const SECRETS: readonly PlantedSecret[] = [
  itself('an AWS access key id', 'AKIA', 'INVENTED00000000'),
  itself('a temporary AWS access key id', 'ASIA', 'INVENTED00000000'),
  within('the secret half of an AWS key pair', SECRET_KEY, (core) => `AKIA${'INVENTED00000000'},${core}`),
  within('an AWS secret key', SECRET_KEY, (core) => `AWS_SECRET_ACCESS_KEY=${core}`),
  itself('an AWS session token', 'IQoJb3JpZ2lu', MIXED.repeat(4)),
  itself('an EKS token', 'k8s-aws-v1.', 'aHR0cHM6Ly9pbnZlbnRlZA'),
  within('the signature of a presigned address', `${HEX}${HEX}`, (core) => `GET /x?X-Amz-Signature=${core}&x=1`),
  itself('a JSON web token', 'eyJ', 'hbGciOiJub25l', '.eyJzdWIiOiJpbnZlbnRlZCJ9', '.c2ln'),
  itself('a GitHub token', 'ghp_', 'a1B2'.repeat(9)),
  itself('a fine-grained GitHub token', 'github_pat_', 'a1B2'.repeat(9)),
  itself('a GitLab token', 'glpat-', MIXED),
  itself('a GitLab deploy token', 'gldt-', MIXED),
  itself('an Atlassian token', 'ATATT3', MIXED, MIXED),
  itself('a Slack bot token', 'xoxb', '-000000000000', '-inventedInvented'),
  itself('a Slack app token', 'xapp', '-1-A000', '-000-', HEX),
  within('a Slack webhook', `T000/B000/${MIXED}`, (core) => `https://hooks.slack.com/services/${core}`),
  itself('a Telegram bot token', '0123456789', ':AA', MIXED, 'inventd'),
  itself('a Stripe key', 'sk', '_live_', MIXED),
  itself('a Stripe webhook secret', 'whsec', '_', MIXED),
  itself('a Google API key', 'AIza', MIXED, 'Invented'),
  itself('a Google access token', 'ya29', '.', MIXED),
  itself('a Google client secret', 'GOCSPX', '-', MIXED),
  itself('an Azure client secret', 'abc8Q~', MIXED, 'Inven'),
  within(
    'an Azure storage key',
    `${MIXED}${MIXED}${MIXED}==`,
    (core) => `DefaultEndpointsProtocol=https;AccountName=invented;AccountKey=${core};EndpointSuffix=core.example`,
  ),
  within('an Azure shared access signature', `${MIXED}%3D`, (core) => `GET /c?sv=2024-01-01&sig=${core}`),
  itself('an npm token', 'npm', '_', MIXED, MIXED),
  within('an npm token of a registry', MIXED, (core) => `//registry.example/:_authToken=${core}`),
  itself('a PyPI token', 'pypi', '-AgE', MIXED, MIXED),
  itself('a Docker token', 'dckr', '_pat_', MIXED),
  itself('an OpenAI key', 'sk', '-proj-', MIXED),
  itself('an Anthropic key', 'sk', '-ant-', MIXED),
  itself('a Hugging Face token', 'hf', '_', MIXED, MIXED),
  itself('a SendGrid key', 'SG', '.', MIXED, '.', MIXED),
  itself('a Databricks token', 'dapi', HEX),
  itself('a Vault token', 'hvs', '.', MIXED),
  within(
    'a private key',
    MIXED.repeat(3),
    (core) => `-----BEGIN ${'RSA PRIVATE'} KEY-----\\n${core}\\n-----END ${'RSA PRIVATE'} KEY-----`,
  ),
  within('a private key in base64', `BSU0EgUFJJVkFURSBLRVk${MIXED}`, (core) => `client-key: LS0tLS1CRUdJTi${core}`),
  within('a key of a kubeconfig', `LS0t${MIXED}`, (core) => `client-key-data: ${core}`),
  within('a token of a kubeconfig', MIXED, (core) => `user: {token: ${core}}`),
  within('a bearer token', MIXED, (core) => `curl -H "Authorization: Bearer ${core}" x`),
  within('basic credentials in a header', 'dXNlcjppbnZlbnRlZA==', (core) => `Authorization: Basic ${core}`),
  within('a cookie', MIXED, (core) => `Cookie: theme=dark; session=${core}`),
  within('a password in an address', 'hunter22', (core) => `git clone https://bot:${core}@git.example.com/x`),
  within('a password in a connection string', 'hunter22', (core) => `postgres://app:${core}@db.example:5432/shop`),
  within('a password of a Redis address', 'hunter22', (core) => `redis://:${core}@cache.example:6379`),
  within('a password of a database driver', 'hunter22', (core) => `Server=db.example;User Id=sa;Password=${core};`),
  within('a password variable', 'hunter22', (core) => `DB_PASSWORD=${core} ./run`),
  within('a password in JSON', 'hunter two two', (core) => `{"password": "${core}"}`),
  within('a password flag', 'hunter22', (core) => `mysql --password ${core} -h db`),
  within('a password in one letter', 'hunter22', (core) => `mysql -u root -p${core} shop`),
  within('a user of curl', 'hunter22', (core) => `curl -sS -u admin:${core} x`),
  within('a password of sshpass', 'hunter22', (core) => `sshpass -p ${core} ssh root@host`),
  within('an API key', 'hunter22', (core) => `api_key=${core}`),
  within('a client secret', 'hunter22', (core) => `client_secret: ${core}`),
];

/** What takes the place of a credential. */
export const SECRET_MARK = '[secret]';

/**
 * Credentials recognised by their own shape, as their makers publish it. Every repetition is bounded or ends where its
 * alphabet ends, so that hostile text costs no more than its length.
 */
const SHAPES: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]{0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?/g,
  // The same in base64, as kubeconfigs and Kubernetes secrets hold it.
  /\bLS0tLS1CRUdJTi(?:BQUklW|BSU0EgUFJJ|BFQyBQUklW|BFTkNSWVBU|BPUEVOU1NI|BEU0EgUFJJ)[\w+/=]*/g,
  /\bAGE-SECRET-KEY-1[A-Z0-9]{20,}/g,
  // Amazon: key ids, session tokens (they begin with the origin of the token), tokens of EKS and of Bedrock.
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g,
  /\b(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz|AgoJb3JpZ2lu)[\w+/=]{8,}/g,
  /\bk8s-aws-v1\.[\w-]+/g,
  /\bABSK[A-Za-z0-9+/]{40,}={0,2}/g,
  // Source code hosts and package registries.
  /\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}/g,
  /\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent|oas|ffct)-[\w.-]{16,}/g,
  /\bATATT3[\w=-]{20,}|\bATBB[A-Za-z0-9]{24,}/g,
  /\bnpm_[A-Za-z0-9]{30,}|\bpypi-AgE[\w-]{40,}|\bdckr_(?:pat|oat)_[\w-]{20,}|\brubygems_[0-9a-f]{40,}/g,
  // Chat.
  /\bxox[a-z](?:\.xox[a-z])?-[\w-]{6,}|\bxapp-[\w-]{6,}|\bxwfp-[\w-]{6,}/g,
  /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/-]+/g,
  /\b\d{6,12}:AA[\w-]{30,}/g,
  // Payment.
  /\b(?:sk|rk|pk)_(?:live|test)_\w{10,}|\bwhsec_[\w+/=]{20,}/g,
  // Google: API keys, OAuth access and refresh tokens, client secrets.
  /\bAIza[\w-]{30,}|\bya29\.[\w-]{20,}|\bGOCSPX-[\w-]{20,}|(?<![\w/])1\/\/0[\w-]{30,}/g,
  // Azure: client secrets of Entra applications.
  /(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~-])/g,
  // Models, mail, data, clouds, vaults.
  /\bsk-(?:ant-|proj-|svcacct-|or-v1-)?[\w-]{20,}|\bhf_[A-Za-z0-9]{30,}/g,
  /\bSG\.[\w-]{16,}\.[\w-]{16,}|\bkey-[0-9a-f]{32}\b|\bSK[0-9a-f]{32}\b/g,
  /\bdapi[0-9a-f]{32}\b|\bdo[opr]_v1_[0-9a-f]{40,}|\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}/g,
  /\bhv[sbr]\.[\w-]{20,}/g,
  // JSON Web Tokens.
  /\beyJ[\w-]{8,4096}\.[\w-]{8,}(?:\.[\w-]*)?/g,
];

// What was replaced before stays as it is, with the bracket that may follow it.
const VALUE = String.raw`(?:\[secret\](?=[\s"'&;,|)\]}]|$)|"[^"]*"|'[^']*'|[^\s"'&;,|]+)`;
const NAMES = [
  'pass(?:word|wd|phrase)',
  String.raw`(?<![a-z])pwd(?=["']?\s{0,3}[=:]\s{0,3}[^/\s])`,
  'secret(?:[_-]?(?:access[_-]?)?key)?',
  '(?:api|access|account|auth|bearer|client|encryption|id|master|private|refresh|security|session|shared[_-]?access|signing|storage)[_-]?(?:key|token)(?:[_-]data)?',
  '(?<![a-z])token',
  '(?<![a-z])credentials?',
  '[?&]sig',
  'x-amz-signature',
].join('|');

/** Credentials recognised by what stands before them; the words before are kept, because they say what was there. */
const INTRODUCED: readonly RegExp[] = [
  /(\bauthorization["']?\s{0,3}[:=]\s{0,3}["']?(?:basic|bearer|digest|token|negotiate|apikey)\s{1,3})[^\s"']{4,}/gi,
  // In prose `Bearer authentication` is no credential: something in it is no small letter.
  /(\b[Bb](?:earer|asic)\s{1,3})(?=[a-z]{0,64}[A-Z\d.+/=~-])[\w.+/=~-]{8,}/g,
  /(\b(?:set-)?cookie["']?\s{0,3}[:=]\s{0,3})[^\s"';]+(?:;\s[^\s"'=;]{1,100}=[^\s"';]*){0,50}/gi,
  // password=x, "token": "x", AWS_SECRET_ACCESS_KEY=x, AccountKey=x, client-key-data: x
  new RegExp(String.raw`((?:${NAMES})["']?\s{0,3}[=:]\s{0,3})${VALUE}`, 'gi'),
  /(--(?:password|passwd|passphrase|token|secret|api-key|access-key|client-secret|secret-key|auth-token)\s{1,3})(?:"[^"]*"|'[^']*'|[^\s"'&;,|-][^\s"'&;,|]*)/gi,
  // Programs that take a password in one letter. Elsewhere `-u 1000:1000` is a user, and `-p` a port.
  /(\b(?:curl|wget|http|https)\b[^|;]{0,300}?\s(?:-u|--user|--proxy-user)[ =]{0,2}["']?[^\s:"']{1,100}:)[^\s"']+/gi,
  /(\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^|;]{0,300}?\s-p)[^\s"']+/g,
  /(\b(?:sshpass\s{1,3}-p|redis-cli\b[^|;]{0,200}?\s-a|docker\s{1,3}login\b[^|;]{0,200}?\s-p|ldapsearch\b[^|;]{0,200}?\s-w)\s{0,3})[^\s"']+/g,
  // user:password@ of an address or a connection string
  /(:\/\/[^\s/:@]{0,256}:)[^\s/@]{1,1024}(?=@)/g,
  // The secret half of a pair whose first half was found: 40 characters that are no hexadecimal digest.
  /(\[secret\][^\n]{0,80}?(?<![\w+/=]))(?=[A-Za-z0-9+/]{0,39}[G-Zg-z+/])[A-Za-z0-9+/]{40}(?![\w+/=])/g,
];

/** Replaces what looks like a credential. It errs on the side of replacing: evidence can do without a value. */
export function redactSecrets(text: string): string {
  const shaped = SHAPES.reduce((current, shape) => current.replace(shape, SECRET_MARK), text);
  return INTRODUCED.reduce((current, shape) => current.replace(shape, `$1${SECRET_MARK}`), shaped);
}

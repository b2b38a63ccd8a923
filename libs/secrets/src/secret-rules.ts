/** A secret in a text: which rule found it and where it begins and ends. */
export interface SecretSpan {
  readonly code: SecretCode;
  readonly what: string;
  readonly start: number;
  readonly end: number;
}

export type SecretCode =
  | 'secret.private_key'
  | 'secret.bearer_token'
  | 'secret.api_key'
  | 'secret.cloud_key'
  | 'secret.connection_string'
  | 'secret.named_field';

interface TokenRule {
  readonly code: SecretCode;
  readonly what: string;
  /** A plain text that must be there before the pattern is tried. */
  readonly hint: string;
  /** Bounded everywhere and without nested repetition: time is linear in the text. */
  readonly pattern: RegExp;
}

const tokenRules: readonly TokenRule[] = [
  {
    code: 'secret.private_key',
    what: 'a private key',
    hint: 'PRIVATE KEY',
    pattern: /-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----/g,
  },
  {
    code: 'secret.bearer_token',
    what: 'a bearer token',
    hint: 'earer',
    pattern: /\b[Bb]earer[ \t]{1,8}[A-Za-z0-9._~+/=-]{16,4096}/g,
  },
  {
    code: 'secret.bearer_token',
    what: 'a JSON web token',
    hint: 'eyJ',
    pattern: /\beyJ[\w-]{8,4096}\.eyJ[\w-]{8,8192}\.[\w-]{8,2048}/g,
  },
  { code: 'secret.api_key', what: 'a Marie API key', hint: 'mas_', pattern: /\bmas_[A-Za-z0-9_-]{12,256}/g },
  { code: 'secret.api_key', what: 'an API key', hint: 'sk-', pattern: /\bsk-[A-Za-z0-9_-]{20,256}/g },
  { code: 'secret.api_key', what: 'a Google API key', hint: 'AIza', pattern: /\bAIza[\w-]{35}/g },
  {
    code: 'secret.cloud_key',
    what: 'an AWS access key',
    hint: 'IA',
    pattern: /\b(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{16}\b/g,
  },
];

const secretNames =
  /(?:^|_)(?:password|passwd|passphrase|secret|token|api_?key|access_?key|private_?key|authorization|credentials?)$/;
const maximumName = 128;

/** The secrets that can be told from a text, and from the name of the field that holds it. */
export function findSecrets(field: string, text: string): SecretSpan[] {
  return [...tokens(text), ...connectionStrings(text), ...namedField(field, text)];
}

const placeholders: readonly RegExp[] = [
  /^$/,
  /^(?:env|secret|vault|secret_ref):/,
  /^\$(?:[{.[]|[A-Z_][A-Z0-9_]*$)/,
  /^<.*>$/s,
  /^\{\{.*\}\}$/s,
  /^[*xX.\u2026-]+$/,
];

/** Whether a text stands for a value that comes from elsewhere: `${NAME}`, `$NAME`, `{{ name }}`, `<name>`, `$.path`, `env:NAME`, `***`. */
export function isPlaceholder(text: string): boolean {
  const trimmed = text.trim();
  return placeholders.some((form) => form.test(trimmed));
}

function tokens(text: string): SecretSpan[] {
  return tokenRules.flatMap(({ code, what, hint, pattern }) => {
    if (!text.includes(hint)) return [];
    return [...text.matchAll(pattern)].map((match) => span(code, what, match.index, match.index + match[0].length));
  });
}

const maximumUserInfo = 512;

/** `scheme://user:password@host`: the password is the secret. Found by looking on from each `://`, a bounded way each time. */
function connectionStrings(text: string): SecretSpan[] {
  const found: SecretSpan[] = [];
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    const start = at + 3;
    const authority = /^[^\s/?#"'`\\]*/.exec(text.slice(start, start + maximumUserInfo))?.[0] ?? '';
    const end = authority.lastIndexOf('@');
    const colon = authority.indexOf(':');
    if (end < 0 || colon < 0 || colon > end) continue;
    const password = authority.slice(colon + 1, end);
    if (isPlaceholder(password)) continue;
    found.push(span('secret.connection_string', 'a connection string with a password', start + colon + 1, start + end));
  }
  return found;
}

/** A literal under a name such as `api_key`: one word of at least eight characters that is no reference to elsewhere. */
function namedField(field: string, text: string): SecretSpan[] {
  if (text.length > 4_096 || !saysSecret(field)) return [];
  if (text.trim().length < 8 || /\s/.test(text.trim()) || isPlaceholder(text)) return [];
  return [span('secret.named_field', 'a value under a name that says secret', 0, text.length)];
}

/** Whether the name of a field says that its value is a secret: `api_key`, `dbPassword`. */
export function saysSecret(field: string): boolean {
  if (field.length > maximumName) return false;
  const name = field
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll('-', '_');
  return secretNames.test(name);
}

function span(code: SecretCode, what: string, start: number, end: number): SecretSpan {
  return { code, what, start, end };
}

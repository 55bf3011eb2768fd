/** What may be a secret, by its name or its form: it is not written down, and reaches no export and no report. */

/** Names whose values are not written down. */
const SECRET_NAME =
  /(^|_)(PAT|KEY|KEYS|AUTH|AUTHORIZATION|PRIVATE|SIGNATURE|SAS|DSN|PW|SID|NETRC|WEBHOOK)(_|\d|$)|_PWD$|SESSION_?ID/i;
const SECRET_WORD =
  /secret|passw|passphrase|passcode|(^|_|my|pg|ssh|db|ldap|ftp|smtp|sudo|admin|root)pass(_|\d|$)|token|creds|credential|cookie|api_?key|private_?key|access_?key|key_?file|auth_|webhook/i;
const NAME = "(?:[\\w.-]*(?:secret|passw(?:or)?d|passphrase|token|credentials?|api[_-]?key|private[_-]?key))";
/** Parts of a text that are secrets by their form; the group is what is hidden, or all of it. */
const FORMS: readonly RegExp[] = [
  // Before the host of an address: `user:password@`, or a token alone.
  /(?<=:\/\/)[^/\s:@"']*:[^/\s@"']+(?=@)/g,
  /(?<=https?:\/\/)[^/\s:@"']{8,}(?=@)/g,
  // Addresses that are secrets themselves.
  /(?<=hooks\.slack\.com\/services\/|discord(?:app)?\.com\/api\/webhooks\/|webhook\.office\.com\/)[^\s"']+/g,
  /(?<=\bX-Amz-(?:Signature|Credential|Security-Token)=|\b[?&]?sig=|\bAccountKey=|\bSharedAccessKey=)[^\s&;"']+/gi,
  /(?<=\b(?:Password|Pwd)=)[^\s;&"']+(?=;)/gi,
  /(?<=\bBearer\s+)[\w+/=.~-]{3,}/g,
  /(?<=\bAuthorization:\s*)[^"'\n]+/gi,
  /-----BEGIN [^-]*PRIVATE KEY-----[^"]*?(?:-----END [^-]*PRIVATE KEY-----|(?="|$))/g,
  /\b(?:(?:gh[pousr]|github_pat|npm|hf)_\w{16,}|(?:glpat|xox[a-z]|sk)-[\w-]{16,}|AKIA[A-Z0-9]{16}|eyJ[\w-]{16,}\.[\w.-]*)/g,
  // What a command is given: `--password=x`, `--token x`, `API_TOKEN=x`.
  new RegExp(`(?<=--?${NAME}[= ])(?:"[^"]*"|'[^']*'|[^\\s"'$(\\\\][^\\s"'\\\\]*)`, "gi"),
  new RegExp(`(?<=(?:^|[\\s;&])${NAME}=)(?:"[^"]*"|'[^']*'|[^\\s"'$(;&\\\\]+)`, "gim"),
];

export const HIDDEN = "(not written down: it may be a secret)";

/** Whether a name is that of a secret. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name) || SECRET_WORD.test(name);

const hasSecretForm = (text: string): boolean => FORMS.some((form) => text.search(form) >= 0);

/** Environment variables with what may be secret left out, in order of name. */
export function safeEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(env).sort();
  return Object.fromEntries(
    names.map((name) => [name, isSecretName(name) || hasSecretForm(env[name]!) ? HIDDEN : env[name]!]),
  );
}

/** Variables that others need to run a study again, and that hold no secret. */
const PUBLIC =
  /^(PATH|LD_LIBRARY_PATH|LIBRARY_PATH|CPATH|MANPATH|PYTHONPATH|SHELL|TERM|TZ|LANG|LANGUAGE|LC_[A-Z]+|MODULEPATH|LOADEDMODULES|_LMFILES_|LMOD_[A-Z_]+|CONDA_DEFAULT_ENV|CONDA_PREFIX|VIRTUAL_ENV|SPACK_ENV|(OMP|KMP|OPENBLAS|MKL|BLIS|GOMP)_[A-Z_]+|CC|CXX|FC|F77|F90|CFLAGS|CXXFLAGS|FFLAGS|LDFLAGS|CUDA_HOME|CUDA_VISIBLE_DEVICES|ROCM_PATH|MPI_HOME|MPICC|MPICXX|MPIFC)$/;

/** The part of an environment that may be published. */
export function publicEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  return safeEnvironment(Object.fromEntries(Object.entries(env).filter(([name]) => PUBLIC.test(name))));
}

/** A shorter text, or a number, may occur anywhere. */
const LEAST_LETTERS = 6;

/**
 * Values that have a secret name somewhere in a value of YAML: keys of `env`, of `args`, of parameters. `isSecret`: the
 * name above is a secret's.
 */
export function secretsIn(value: unknown, isSecret = false): Set<string> {
  if (typeof value === "string") {
    return new Set(isSecret && value.length >= LEAST_LETTERS && Number.isNaN(Number(value)) ? [value] : []);
  }
  if (typeof value !== "object" || value === null) return new Set();
  return Object.entries(value).map(([name, below]) => secretsIn(below, isSecret || isSecretName(name)))
    .reduce((all, some) => all.union(some), new Set<string>());
}

/** Hides secrets in texts: the known ones, and what has the form of one. */
export function hider(known: ReadonlySet<string>): (text: string) => string {
  const longestFirst = [...known].sort((a, b) => b.length - a.length);
  return (text) => {
    let hidden = text;
    for (const secret of longestFirst) hidden = hidden.replaceAll(secret, HIDDEN);
    for (const form of FORMS) hidden = hidden.replace(form, HIDDEN);
    return hidden;
  };
}

/** The same of a text in pieces. */
export function* hiddenPieces(pieces: Iterable<string>, hide: (text: string) => string): Generator<string> {
  for (const piece of pieces) yield hide(piece);
}

/** Every text in a value of JSON hidden so. */
export function hidden<T>(value: T, hide: (text: string) => string): T {
  if (typeof value === "string") return hide(value) as T;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map((item) => hidden(item, hide)) as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hidden(item, hide)])) as T;
}

import { commandLineText, metadataYaml, parametersYaml, runYaml } from "../lib/study/provenance.ts";
import { hider, publicEnvironment, safeEnvironment, secretsIn } from "../lib/study/secrets.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { type Typed, typedYaml } from "../lib/spec/typed_yaml.ts";
import { assert, assertEquals } from "./assert.ts";
import { runIn } from "./hosted.ts";
import { inFreshFolder } from "./maestro.ts";
import { makePlan, makeSpec, type SpecWords } from "./make.ts";

const HIDDEN = "(not written down: it may be a secret)";

Deno.test("the environment is kept without what may be secret, in order of name", () => {
  const names = [
    "GITHUB_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "PGPASSWORD",
    "MYSQL_PWD",
    "DB_PASS",
    "LDAP_PW",
    "GITLAB_PAT",
    "ssh_key",
    "API_KEY_2",
    "MyApiKey",
    "HTTP_AUTHORIZATION",
    "AUTH_HEADER",
    "SESSION_COOKIE",
    "AZURE_STORAGE_SAS",
    "SENTRY_DSN",
    "GPG_PASSPHRASE",
    "CREDENTIALS",
    ...[
      "MYPASS",
      "PGPASS",
      "SSHPASS",
      "CREDS",
      "COOKIES",
      "SESSIONID",
      "SESSION_ID",
      "KEYFILE_CONTENT",
      "DB_WEBHOOK",
    ],
  ];
  for (const name of names) assertEquals(safeEnvironment({ [name]: "x" }), { [name]: HIDDEN }, name);
  const values = [
    "https://user:hunter2@host/x",
    "postgres://:hunter2@host/x",
    "Bearer abc",
    "-----BEGIN RSA PRIVATE KEY-----",
    "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat_" + "11ABCDEFG0123456789_abcdefghij",
    "glpat-" + "abcdEFGH1234567890xy",
    "xoxb-" + "123456789012-abcdefghij",
    "sk-" + "proj-abcdefghijklmnop1234",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "eyJ" + "hbGciOiJIUzI1NiIsInR5cCI6.eyJzdWIi",
    "https://0123456789abcdef@sentry.example/1",
    "https://hooks.slack.com/services/T0/B0/XYZ",
    "https://b.s3.example/x?X-Amz-Signature=0123abcd&x=1",
    "AccountName=a;AccountKey=abcd==;EndpointSuffix=x",
    "Server=h;User Id=u;Password=hunter2;",
  ];
  for (const value of values) assertEquals(safeEnvironment({ X: value }), { X: HIDDEN }, value);
});

Deno.test("what is needed to understand a study is kept", () => {
  const env = {
    PATH: "/bin:/usr/bin",
    HOME: "/home/me",
    PWD: "/home/me",
    OLDPWD: "/",
    KEYBOARD: "de",
    MONKEY: "1",
    PASSAGE: "2",
    PATTERN: "*",
    COMPASS: "north",
    SLURM_JOB_ID: "12",
    DISPLAY: "host:0.0",
    PROXY: "http://proxy.example:3128",
    REPO: "ssh://git@host/x",
    MAIL: "me@host",
    NODE: "/opt/npm_modules/bin",
    LS_COLORS: "rs=0:di=01;34",
    EMPTY: "",
  };
  assertEquals(safeEnvironment(env), env);
  assertEquals(Object.keys(safeEnvironment({ b: "", a: "", B: "" })), ["B", "a", "b"]);
});

Deno.test("of the environment only what is known to be public may be published", () => {
  const env = {
    PATH: "/bin",
    LANG: "C",
    OMP_NUM_THREADS: "4",
    CC: "gcc",
    HOME: "/home/me",
    MYSTERY: "x",
    TOKEN: "y",
  };
  assertEquals(publicEnvironment(env), { CC: "gcc", LANG: "C", OMP_NUM_THREADS: "4", PATH: "/bin" });
});

Deno.test("secrets are hidden in texts: by the name that a spec gives them, and by their form", () => {
  const known = secretsIn({
    env: { variables: { API_TOKEN: "abcdef123", SIZE: "100000" } },
    study: [{ run: { env: { DB_PASSWORD: "correct horse" }, cmd: "x" } }],
    "global.parameters": { KEY: { values: ["opensesame", "1234567", "ab"] } },
  });
  assertEquals([...known], ["abcdef123", "correct horse", "opensesame"]);
  const hide = hider(known);
  const texts: Readonly<Record<string, string>> = {
    "curl -H abcdef123 x": "curl -H @ x",
    "login --password=hunter2 --size 5": "login --password=@ --size 5",
    "login --api-key hunter2": "login --api-key @",
    "export GITHUB_TOKEN=hunter2; run": "export GITHUB_TOKEN=@; run",
    "git clone https://me:hunter2@host/x": "git clone https://@@host/x",
    "the password of the day": "the password of the day",
    "TOKEN=$(cat file)": "TOKEN=$(cat file)",
    "simulate --token-count 5": "simulate --token-count 5",
  };
  for (const [text, expected] of Object.entries(texts)) {
    assertEquals(hide(text), expected.replace("@", HIDDEN), text);
  }
});

const WORDS: SpecWords = {
  steps: [["a", "$(A) $(B)"], ["b", "x", ["a_*"]], ["c", "x", ["b", "a"]]],
  parameters: { A: ["1", "1.0"], B: ["x", "yes"] },
};

Deno.test("parameters.yaml has labels and values of each combination, the values with their types", () => {
  const spec = makeSpec({ ...WORDS, parameters: { A: ["1", "1.0", "1e-05"], B: ["x", "True", "10"] } });
  const texts = {
    ...spec,
    parameters: spec.parameters.map((one) =>
      one.key === "B" ? { ...one, raws: new Map([["10", "10"]]) } : one
    ),
  };
  assertEquals(
    parametersYaml(texts),
    `A.1.0.B.True:
  labels:
    $(A.label): A.1.0
    $(B.label): B.True
  params:
    $(A): 1.0
    $(B): true
A.1.B.x:
  labels:
    $(A.label): A.1
    $(B.label): B.x
  params:
    $(A): 1
    $(B): x
A.1e-05.B.10:
  labels:
    $(A.label): A.1e-05
    $(B.label): B.10
  params:
    $(A): 1.0e-05
    $(B): '10'
`,
  );
  assertEquals(parametersYaml(makeSpec({ steps: [] })), "{}\n");
});

Deno.test("metadata.yaml has Maestro's tables: who waits for whom, who uses what, who works where", () => {
  assertEquals(
    metadataYaml(makePlan({ ...WORDS, parameters: { A: ["1"], B: ["x"] } })),
    `dependencies:
  _source: !!set {}
  a: !!set {}
  b: !!set {}
  c: !!set
    a: null
    b: null
hub_dependencies:
  _source: !!set {}
  a: !!set {}
  b: !!set
    a: null
  c: !!set {}
step_combinations:
  _source: /out
  a:
    a_A.1.B.x: a/A.1.B.x
  b:
    b: b
  c:
    c_A.1.B.x: c/A.1.B.x
used_parameters:
  _source: !!set {}
  a: !!set
    A: null
    B: null
  b: !!set {}
  c: !!set
    A: null
    B: null
workspaces:
  _source: /out
  a_A.1.B.x: a/A.1.B.x
  b: b
  c_A.1.B.x: c/A.1.B.x
`,
  );
});

Deno.test("what a reader of YAML takes for something else is quoted, and long or odd text stays on its line", () => {
  const odd = [
    "y",
    "=",
    "0o7",
    "1:30",
    "2001-01-01",
    "no",
    "12",
    "a: b",
    "#",
    "a\nb",
    "",
    " ",
    "é",
    "- x",
    "[",
    "x".repeat(2000),
  ];
  const text = typedYaml(new Map<string, Typed>([["k", odd], ...odd.map((one) => [one, one] as const)]));
  // Double quotes and escapes are those of JSON; the parser of specs keeps all text.
  assertEquals(parseYaml(text).value, { k: odd, ...Object.fromEntries(odd.map((one) => [one, one])) });
  for (const word of ["y", "=", "0o7", "1:30", "2001-01-01", "no", "12"]) {
    assert(text.includes(`- '${word}'`) || text.includes(`- "${word}"`), word);
  }
});

const ORIGINALS = new URL("originals/", import.meta.url).pathname;

Deno.test("metadata.yaml, parameters.yaml and batch.info are those of LLNL's Maestro", async () => {
  await inFreshFolder(async (folder) => {
    for (const [name, spec] of [["failed", "sweep.yaml"], ["typed", "typed.yaml"]] as const) {
      const { code, stderr } = await runIn(folder, [
        ...["maestro", "run", "--dry", "-o", name, `${ORIGINALS}${name}/${spec}`],
      ]);
      assertEquals(code, 0, stderr);
      const ours = (file: string) => Deno.readTextFileSync(`${folder}/${name}/${file}`);
      const theirs = (file: string) => Deno.readTextFileSync(`${ORIGINALS}${name}/${file}`);
      const root = `/tmp/originals/${name}`;
      const metadata = ours("meta/metadata.yaml").replaceAll(`${folder}/${name}`, root);
      assertEquals(values(metadata), values(theirs("meta/metadata.yaml")));
      assertEquals(ours("batch.info"), theirs("batch.info"));
      assertEquals(values(ours("meta/parameters.yaml")), values(plainLabels(theirs("meta/parameters.yaml"))));
    }
  });
});

/** Maestro's labels are an object of Python's, which safe readers refuse: here they are a mapping. */
function plainLabels(text: string): string {
  return text.replaceAll("!!python/object/apply:collections.OrderedDict", "")
    .replace(/^ +(?:- )?- - (\S.*)\n +- (.*)$/gm, "    $1: $2");
}

/** What Python's reader reads as something other than text. */
const NO_TEXT = /^(?:[-+]?\d[\d_]*|[-+]?\d+\.\d*(?:e[-+]\d+)?|[-+]?\.(?:inf|nan)|true|false|null|=)$/;

/**
 * Each line without unnecessary quotes. Quotes around texts that look like a number, a truth value
 * or nothing remain: a number differs from a text of the same digits.
 */
function values(text: string): string[] {
  const plain = (scalar: string) => {
    const inner = /^(['"])(.*)\1$/.exec(scalar)?.[2];
    return inner === undefined || NO_TEXT.test(inner) ? scalar.replaceAll('"', "'") : inner;
  };
  return text.split("\n").map((line) => {
    const [, before = "", key = "", value = ""] = /^( *(?:- )?)(.*?)(?:: (.*))?$/.exec(line) ?? [];
    return `${before}${plain(key.replace(/:$/, ""))}: ${plain(value)}`;
  }).filter((line) => line.trim() !== ":").sort();
}

Deno.test("a command line reads back as it was", () => {
  const table: [string[], string][] = [
    [["maestro", "run", "-o", "/tmp/x", "study.yaml"], "maestro run -o /tmp/x study.yaml"],
    [["a b", "it's", "$HOME", "", "*"], "'a b' 'it'\\''s' '$HOME' '' '*'"],
  ];
  for (const [words, text] of table) assertEquals(commandLineText(words), text);
});

Deno.test("run.yaml has the command line and what it set, without what may be secret", () => {
  const origin = { maestro: "1.0", folder: "/home/me", host: "login1", user: "me" };
  const words = ["run", "--define=MY_KEY=x y", "--pargs", "N:1", "https://me:hunter2@host/x", "a b.yaml"];
  const define = { MY_KEY: "x y", UNIT: "mm" };
  const whole = runYaml({ ...origin, words, define, pgen: "gen.py", pargs: { N: "1", TOKEN: "t" } });
  assertEquals(parseYaml(whole).value, {
    ...origin,
    command: `maestro run '--define=MY_KEY=${HIDDEN}' --pargs N:1 'https://${HIDDEN}@host/x' 'a b.yaml'`,
    define: { MY_KEY: HIDDEN, UNIT: "mm" },
    pgen: "gen.py",
    pargs: { N: "1", TOKEN: HIDDEN },
  });
  assertEquals(parseYaml(runYaml({ ...origin, define: {}, pargs: {} })).value, { ...origin, define: {} });
});

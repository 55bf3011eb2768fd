import {
  batchInfo,
  commandLineText,
  metadataYaml,
  parametersYaml,
  runYaml,
  safeEnvironment,
} from "../lib/conduct/provenance.ts";
import { parseYaml } from "../lib/spec/yaml.ts";
import { assertEquals } from "./assert.ts";
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

const WORDS: SpecWords = {
  steps: [["a", "$(A) $(B)"], ["b", "x", ["a_*"]], ["c", "x", ["b", "a"]]],
  parameters: { A: ["1", "1.0"], B: ["x", "yes"] },
};

Deno.test("parameters.yaml has labels and values of each combination, as text", () => {
  assertEquals(parseYaml(parametersYaml(makeSpec(WORDS))).value, {
    "A.1.B.x": {
      labels: { "$(A.label)": "A.1", "$(B.label)": "B.x" },
      params: { "$(A)": "1", "$(B)": "x" },
    },
    "A.1.0.B.yes": {
      labels: { "$(A.label)": "A.1.0", "$(B.label)": "B.yes" },
      params: { "$(A)": "1.0", "$(B)": "yes" },
    },
  });
  // Readers with types must not make numbers and booleans of them.
  assertEquals(parametersYaml(makeSpec(WORDS)).includes("$(A): '1.0'"), true);
  assertEquals(parametersYaml(makeSpec({ steps: [] })), "{}\n");
});

Deno.test("metadata.yaml tells who waits for whom and who works where", () => {
  assertEquals(parseYaml(metadataYaml(makePlan(WORDS))).value, {
    dependencies: { a: [], b: [], c: ["b", "a"] },
    hub_dependencies: { a: [], b: ["a"], c: [] },
    used_parameters: { a: ["A", "B"], b: [], c: ["A", "B"] },
    step_combinations: {
      a: { "a_A.1.B.x": "a/A.1.B.x", "a_A.1.0.B.yes": "a/A.1.0.B.yes" },
      b: { b: "b" },
      c: { "c_A.1.B.x": "c/A.1.B.x", "c_A.1.0.B.yes": "c/A.1.0.B.yes" },
    },
    parameters: {
      a: { "a_A.1.B.x": { A: "1", B: "x" }, "a_A.1.0.B.yes": { A: "1.0", B: "yes" } },
      b: {},
      c: { "c_A.1.B.x": { A: "1", B: "x" }, "c_A.1.0.B.yes": { A: "1.0", B: "yes" } },
    },
  });
});

Deno.test("batch.info has the batch block, keys in order", () => {
  const batch = { type: "slurm", queue: "q", bank: "b", nodes: "4", args: { mpi: "x" } };
  assertEquals(
    batchInfo(makeSpec({ steps: [], more: { batch } })),
    "args:\n  mpi: x\nbank: b\nnodes: '4'\nqueue: q\ntype: slurm\n",
  );
});

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
    command: `maestro run '--define=MY_KEY=${HIDDEN}' --pargs N:1 '${HIDDEN}' 'a b.yaml'`,
    define: { MY_KEY: HIDDEN, UNIT: "mm" },
    pgen: "gen.py",
    pargs: { N: "1", TOKEN: HIDDEN },
  });
  assertEquals(parseYaml(runYaml({ ...origin, define: {}, pargs: {} })).value, { ...origin, define: {} });
});

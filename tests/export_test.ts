/** `maestro export`: crates that meet their profiles, whole or not at all. */

import { unzipSync } from "fflate";
import { dataType } from "../lib/view/crate_parameters.ts";
import { pathId } from "../lib/view/crate_entities.ts";
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { brokenRules, type CrateUnderTest, type Json, RULES } from "./crate_checks.ts";
import { runIn } from "./hosted.ts";
import { inFreshFolder, VERSION } from "./maestro.ts";
import { layOut, sweep } from "./real_study.ts";

const SPEC = `description: {name: A study, description: 'For a crate: ü, "quotes"'}
study:
  - name: make it
    description: Writes 100% of it.
    run:
      cmd: |
        echo "energy = $(SIZE).5"
        mkdir -p 'a b'
        echo x > 'a b/c%d'
        ln -s /etc link
        ln -s nowhere dangling
        mkfifo pipe
    results: {energy: {regex: 'energy = (.*)'}, gone: {regex: nothing}}
  - name: flaky
    description: Runs twice.
    run:
      cmd: "test -e ../seen || { touch ../seen; exit 3; }"
      retry: {limit: 1, delay: 0, on: [any]}
  - name: fail
    description: Fails.
    run: {cmd: "echo no such mesh >&2; exit 7", depends: [flaky]}
  - name: never
    description: Does not run.
    run: {cmd: "true", depends: [fail]}
global.parameters:
  SIZE: {values: [1, 20, 20, 300], label: SIZE.%%}
  WORD: {values: ["a b", "50%", "ü/#", "50%"], label: WORD.%%}
`;

/** All paths below a folder, those of folders with a slash at their end. */
function pathsBelow(folder: string, below = ""): string[] {
  return [...Deno.readDirSync(`${folder}/${below}`)].flatMap(({ name, isDirectory }) =>
    isDirectory ? [`${below}${name}/`, ...pathsBelow(folder, `${below}${name}/`)] : [`${below}${name}`]
  );
}

function readCrate(folder: string): CrateUnderTest {
  const document = JSON.parse(Deno.readTextFileSync(`${folder}/ro-crate-metadata.json`));
  return { document, paths: new Set(pathsBelow(folder)) };
}

/** Runs the study in `<folder>/out`. */
async function runStudy(folder: string): Promise<void> {
  await Deno.writeTextFile(`${folder}/spec one.yaml`, SPEC);
  const command = "API_TOKEN=hush GREETING=hello maestro run -y -fg -o out 'spec one.yaml'";
  assertEquals((await runIn(folder, ["/bin/sh", "-c", command])).code, 2);
}

let shared: Promise<string> | undefined;

/** A fresh folder with the study in `out`: the same one for all, for nobody writes into it. */
async function withStudy(body: (folder: string) => Promise<void>): Promise<void> {
  const made = await (shared ??= (async () => {
    const folder = await Deno.makeTempDir({ prefix: "maestro_export_" });
    addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
    await runStudy(folder);
    return folder;
  })());
  await inFreshFolder(async (folder) => {
    await Deno.symlink(`${made}/out`, `${folder}/out`);
    await body(folder);
  });
}

const entity = ({ document }: CrateUnderTest, id: string): Json => {
  const found = document["@graph"].find((entity) => entity["@id"] === id);
  assert(found, `no ${id}`);
  return found;
};
const idsOf = (value: unknown) => (value as { "@id": string }[] ?? []).map((item) => item["@id"]);

Deno.test("export: the crate meets every demand of its profiles", async () => {
  await withStudy(async (folder) => {
    const { code, stdout, stderr } = await runIn(folder, ["maestro", "export", "out"]);
    assertEquals([code, stdout, stderr], [0, `${folder}/out.crate\n`, ""]);
    const crate = readCrate(`${folder}/out.crate`);
    assertEquals(brokenRules(crate), []);
    assertEquals(
      [...crate.paths].filter((path) => !path.endsWith("/") && !path.startsWith("scripts/")).sort(),
      [
        "README.md",
        "batch.info",
        "journal.jsonl",
        "meta/metadata.yaml",
        "meta/parameters.yaml",
        "meta/run.yaml",
        "ro-crate-metadata.json",
        "spec one.yaml",
        "status.csv",
      ],
    );
    assertEquals(Deno.readTextFileSync(`${folder}/out.crate/spec one.yaml`), SPEC);
    for (const path of crate.paths) {
      if (path.endsWith("/")) continue;
      const text = Deno.readTextFileSync(`${folder}/out.crate/${path}`);
      assert(!text.includes("hush"), `a secret is in ${path}`);
    }
  });
});

Deno.test("export: every run of a step has its times, state and exit code", async () => {
  await withStudy(async (folder) => {
    await runIn(folder, ["maestro", "export", "out"]);
    const crate = readCrate(`${folder}/out.crate`);
    const told = (id: string) => {
      const { actionStatus, error, additionalProperty, instrument } = entity(crate, id);
      return [
        String(actionStatus).split("/").at(-1),
        error,
        idsOf(additionalProperty),
        (instrument as Json)["@id"],
      ];
    };
    assertEquals(told("#run/flaky/1"), [
      "FailedActionStatus",
      "FAILED: exit code 3",
      ["#state/FAILED", "#exitCode/3"],
      "spec%20one.yaml#study/flaky/run",
    ]);
    assertEquals(told("#run/flaky/2").slice(0, 3), [
      "CompletedActionStatus",
      undefined,
      ["#state/FINISHED", "#exitCode/0"],
    ]);
    assertEquals(told("#run/fail/1").slice(0, 2), [
      "FailedActionStatus",
      "FAILED: exit code 7: no such mesh",
    ]);
    assertEquals(idsOf(entity(crate, "#control/flaky")["object"]), ["#run/flaky/1", "#run/flaky/2"]);
    // A step that was never run is planned and not carried out.
    entity(crate, "spec%20one.yaml#study/never");
    assert(!crate.document["@graph"].some((entity) => entity["@id"].startsWith("#run/never")));
    const whole = crate.document["@graph"].find((entity) =>
      entity["@type"] === "CreateAction" && (entity["instrument"] as Json)["@id"] === "spec%20one.yaml"
    )!;
    assertEquals(whole["description"], "maestro run -y -fg -o out 'spec one.yaml'");
    assertEquals(whole["error"], "failed: first fail: exit code 7: no such mesh");
    assertEquals(entity(crate, "#agent/someone")["name"], "someone");
    assertEquals(entity(crate, "#maestro")["softwareVersion"], VERSION);
  });
});

Deno.test("export: parameters and results are values of formal parameters", async () => {
  await withStudy(async (folder) => {
    await runIn(folder, ["maestro", "export", "out"]);
    const crate = readCrate(`${folder}/out.crate`);
    const types = crate.document["@graph"].filter((entity) => entity["@type"] === "FormalParameter");
    assertEquals(types.map(({ name, additionalType }) => [name, additionalType]), [
      ["SIZE", "Integer"],
      ["WORD", "Text"],
      ["energy", "Number"],
      ["gone", "Text"],
    ]);
    const values = crate.document["@graph"].filter((entity) => entity["exampleOfWork"]);
    assertEquals(values.map(({ name, value }) => `${name}=${value}`), [
      "SIZE=1",
      "SIZE=20",
      "SIZE=300",
      "WORD=a b",
      "WORD=50%",
      "WORD=ü/#",
      "energy=1.5",
      "energy=20.5",
      "energy=300.5",
    ]);
    const run = crate.document["@graph"].find(({ name }) => name === "Run of make it_SIZE.20")!;
    const [script, ...given] = idsOf(run["object"]);
    assert(crate.paths.has(decodeURIComponent(script!)), script);
    assertEquals(given.map((id) => entity(crate, id)["value"]), ["20"]);
    assertEquals(idsOf(run["result"]).map((id) => entity(crate, id)["value"]), ["20.5"]);
  });
});

Deno.test("export: logs and workspaces on demand, links and pipes left out", async () => {
  await withStudy(async (folder) => {
    const words = ["maestro", "export", "--logs", "--with-workspaces", "-o", "x/y/crate", "out"];
    const { code, stderr } = await runIn(folder, words);
    assertEquals([code, stderr], [0, "9 links and similar entries in workspaces are not exported.\n"]);
    const crate = readCrate(`${folder}/x/y/crate`);
    assertEquals(brokenRules(crate), []);
    assert(crate.paths.has("logs/A study.log"));
    assert(crate.paths.has("workspaces/make_it/SIZE.1/a b/c%d"));
    const result = idsOf(entity(crate, "#run/fail/1")["result"]);
    assert(result.includes("workspaces/fail/"), String(result));
    const errors = result.find((id) => id.endsWith(".err"))!;
    assertEquals(Deno.readTextFileSync(`${folder}/x/y/crate/${errors}`), "no such mesh\n");
    assertEquals(entity(crate, errors)["contentSize"], "13");
  });
});

Deno.test("export: a zip file holds the same as a folder", async () => {
  await withStudy(async (folder) => {
    const flags = ["--logs", "--with-workspaces"];
    await runIn(folder, ["maestro", "export", ...flags, "-o", "a.crate", "out"]);
    const { code, stdout } = await runIn(folder, ["maestro", "export", ...flags, "-o", "a.crate.zip", "out"]);
    assertEquals([code, stdout], [0, `${folder}/a.crate.zip\n`]);
    const files = unzipSync(Deno.readFileSync(`${folder}/a.crate.zip`));
    const paths = pathsBelow(`${folder}/a.crate`);
    const inZip = Object.keys(files).filter((path) => !path.endsWith("/"));
    assertEquals(inZip.sort(), paths.filter((path) => !path.endsWith("/")).sort());
    for (const path of inZip) {
      // The metadata contains the time of the export.
      if (path === "ro-crate-metadata.json") continue;
      assertEquals(files[path], Deno.readFileSync(`${folder}/a.crate/${path}`), path);
    }
    const document = JSON.parse(new TextDecoder().decode(files["ro-crate-metadata.json"]));
    assertEquals(brokenRules({ document, paths: new Set(paths) }), []);
  });
});

Deno.test("export: nothing is left of a crate that could not be made", async () => {
  await inFreshFolder(async (folder) => {
    await runStudy(folder);
    await Deno.symlink("/proc/self/mem", `${folder}/out/status.csv.new`);
    await Deno.rename(`${folder}/out/status.csv.new`, `${folder}/out/status.csv`);
    for (const target of ["x", "x.zip"]) {
      const { code, stdout } = await runIn(folder, ["maestro", "export", "-o", target, "out"]);
      assertEquals([code, stdout], [73, ""], target);
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["out", "spec one.yaml"]);
    }
  });
});

Deno.test("export: a running study is exported in its current state", async () => {
  await inFreshFolder(async (folder) => {
    const root = await layOut(folder, sweep(2, "until test -e ../../go; do sleep 0.1; done # $(N)"));
    await runIn(folder, ["/bin/sh", "-c", "maestro conduct --once out; maestro export out"]).then(
      ({ code, stderr }) => {
        assertEquals(code, 0, stderr);
        assertStringIncludes(stderr, "The study has not ended");
      },
    );
    const crate = readCrate(`${folder}/out.crate`);
    await Deno.writeTextFile(`${root}/go`, "");
    assertEquals(brokenRules(crate), []);
    const run = crate.document["@graph"].find(({ name }) => name === "Run of work_N.1")!;
    assertEquals([run["actionStatus"], run["endTime"]], ["http://schema.org/ActiveActionStatus", undefined]);
    await runIn(folder, ["maestro", "resume", "--fg", "out"]);
  });
});

Deno.test("export: licenses", async () => {
  await withStudy(async (folder) => {
    const table = [
      ["CC-BY-4.0", "https://spdx.org/licenses/CC-BY-4.0"],
      ["https://example.org/terms", "https://example.org/terms"],
      ["Ask me first.", "#license"],
    ] as const;
    for (const [i, [license, id]] of table.entries()) {
      await runIn(folder, ["maestro", "export", "--license", license, "-o", `crate${i}`, "out"]);
      const crate = readCrate(`${folder}/crate${i}`);
      assertEquals((entity(crate, "./")["license"] as Json)["@id"], id);
      assertEquals(brokenRules(crate), []);
    }
  });
});

Deno.test("export: a spec of any name gets a separate path", async () => {
  await inFreshFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/README.md`, sweep(1, "true"));
    await runIn(folder, ["maestro", "run", "-y", "-fg", "-o", "out", "README.md"]);
    await runIn(folder, ["maestro", "export", "out"]);
    const crate = readCrate(`${folder}/out.crate`);
    assertEquals(brokenRules(crate), []);
    assertEquals((entity(crate, "./")["mainEntity"] as Json)["@id"], "spec/README.md");
  });
});

/** For each demand a change to a good crate that breaks it. */
const SPOILED: readonly ((crate: CrateUnderTest) => void)[] = [
  ({ document }) => document["@context"] = "https://w3id.org/ro/crate/1.1/context",
  (crate) => entity(crate, "#agent/someone")["@id"] = "#agent/some one",
  (crate) => entity(crate, "#agent/someone")["name"] = { "@id": "#nobody" },
  (crate) => entity(crate, "#agent/someone")["exitCode"] = "0",
  ({ paths }) => (paths as Set<string>).delete("status.csv"),
  (crate) =>
    entity(crate, "ro-crate-metadata.json")["conformsTo"] = { "@id": "https://w3id.org/ro/crate/1.1" },
  (crate) => entity(crate, "./")["description"] = "",
  (crate) => (entity(crate, "./")["hasPart"] as unknown[]).pop(),
  (crate) => delete entity(crate, "README.md")["about"],
  (crate) => (entity(crate, "./")["conformsTo"] as unknown[]).shift(),
  (crate) => delete entity(crate, "spec%20one.yaml")["programmingLanguage"],
  (crate) => (entity(crate, "./")["mentions"] as unknown[]).pop(),
  (crate) => delete entity(crate, "#parameter/SIZE")["additionalType"],
  (crate) => delete entity(crate, "#value/SIZE/1")["exampleOfWork"],
  (crate) => entity(crate, "#run/fail/1")["instrument"] = { "@id": "#agent/someone" },
  (crate) => entity(crate, "#run/fail/1")["endTime"] = "yesterday",
  (crate) => entity(crate, "#run/flaky/2")["error"] = "none",
  (crate) => delete entity(crate, "spec%20one.yaml")["hasPart"],
  (crate) => delete entity(crate, "spec%20one.yaml#study/fail")["workExample"],
  (crate) => entity(crate, "#control/fail")["object"] = { "@id": "#run/flaky/1" },
  (crate) => (entity(crate, "#control/flaky")["object"] as unknown[]).pop(),
  (crate) =>
    crate.document["@graph"].find((e) => e["@type"] === "OrganizeAction")!["result"] = {
      "@id": "#run/fail/1",
    },
];

Deno.test("export: the checks notice what is wrong, each of them", async () => {
  await withStudy(async (folder) => {
    await runIn(folder, ["maestro", "export", "out"]);
    assertEquals(SPOILED.length, RULES.length);
    for (const [i, spoil] of SPOILED.entries()) {
      const crate = readCrate(`${folder}/out.crate`);
      spoil(crate);
      const { demand } = RULES[i]!;
      assert(brokenRules(crate).some((broken) => broken.startsWith(demand)), demand);
    }
  });
});

Deno.test("export: the type of some values is the narrowest that fits all", () => {
  const table: [string[], string][] = [
    [["1", "-2", "+30"], "Integer"],
    [["1", "1.0", "1e-5", ".5", "2."], "Number"],
    [["1", "a"], "Text"],
    [["0x10"], "Text"],
    [["1", ""], "Text"],
    [["nan"], "Text"],
    [[], "Text"],
  ];
  for (const [values, type] of table) assertEquals(dataType(values), type, values.join());
});

Deno.test("export: ids of files are URIs", () => {
  assertEquals(pathId("a b/50%/ü#?.sh"), "a%20b/50%25/%C3%BC%23%3F.sh");
  assertEquals(pathId("x:y/\ud800/"), "x%3Ay/%EF%BF%BD/");
});

/** Each is somewhere in a study: in its environment, its spec, its command line. */
const PLANTED = [
  "env-secret-1",
  "variable-secret-2",
  "step-secret-3",
  "argument-secret-4",
  "address-secret-5",
];

Deno.test("export and report: secrets of the environment, of the spec and of the command line are in no file", () =>
  inFreshFolder(async (folder) => {
    const spec = `description: {name: s, description: x}
env: {variables: {API_TOKEN: ${PLANTED[1]}}}
study:
  - name: a
    description: x
    run:
      env: {DB_PASSWORD: ${PLANTED[2]}}
      cmd: |
        : $(API_TOKEN) --password=${PLANTED[3]} https://me:${PLANTED[4]}@host/x
        false
`;
    Deno.writeTextFileSync(`${folder}/s.yaml`, spec);
    const script = `export MYSTERY=${PLANTED[0]}
maestro run -y -fg -o out s.yaml; maestro export -o crate out && maestro export --with-environment -o crate2 out &&
maestro report -o crate/report.html out && ! grep -rE '${
      PLANTED.join("|")
    }' crate crate2 && ls crate/meta crate2/meta`;
    const { code, stdout, stderr } = await runIn(folder, ["sh", "-c", script]);
    assertEquals(code, 0, stdout + stderr);
    assertEquals(stdout.match(/environment\.yaml/g)?.length, 1, stdout);
    assertEquals(/^PATH: /m.test(Deno.readTextFileSync(`${folder}/crate2/meta/environment.yaml`)), true);
  }));

Deno.test("secrets by their names and forms are in no export, with all of its flags, in no report and in no log", () =>
  inFreshFolder(async (folder) => {
    const spec = `description: {name: sec, description: d}
env:
  variables: {API_TOKEN: specsecret1, HALF_TOKEN: "$(API_TOKEN)-half", D_TOKEN: dflt}
study:
  - name: a
    description: d
    run:
      cmd: |
        echo "$(API_TOKEN) $(HALF_TOKEN) $(D_TOKEN) $(DB_PASSWORD) https://me:urlsecret2@host/x"
        echo "$(D_TOKEN) --password=formsecret4" >&2
        echo "$(D_TOKEN)" >result.txt
        printf 'a\\0b' >data
        exit 3
global.parameters:
  DB_PASSWORD: {values: [parsecret5], label: "DB"}
`;
    Deno.writeTextFileSync(`${folder}/s.yaml`, spec);
    const run = ["maestro", "run", "-y", "-fg", "-o", "out", "--define", "D_TOKEN=cmdsecret3", "s.yaml"];
    const { code, stderr } = await runIn(folder, run);
    assertEquals(code, 2, stderr);
    const flags = ["--logs", "--with-workspaces", "--with-environment"];
    assertEquals((await runIn(folder, ["maestro", "export", ...flags, "-o", "crate", "out"])).code, 0);
    assertEquals((await runIn(folder, ["maestro", "report", "-o", "page.html", "out"])).code, 0);
    const find = ["grep", "-rlE", "specsecret1|urlsecret2|cmdsecret3|formsecret4|parsecret5"];
    assertEquals((await runIn(folder, [...find, "crate", "page.html", "out/logs"])).stdout, "");
    assert(!/specsecret1|cmdsecret3|formsecret4/.test(stderr), stderr);
    // What is no text is the same, and so is what has no secret.
    assertEquals(Deno.readTextFileSync(`${folder}/crate/workspaces/a/DB/data`), "a\0b");
    // The study itself is as it was.
    assertStringIncludes(Deno.readTextFileSync(`${folder}/out/a/DB/result.txt`), "cmdsecret3");
  }));

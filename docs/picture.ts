/**
 * Makes `docs/picture.svg`: a terminal session as it really went. Needs `script` of util-linux, so that the program sees
 * a terminal: `deno run --allow-all docs/picture.ts`
 */

const ROOT = decodeURIComponent(new URL("..", import.meta.url).pathname);
/** Short, because it is seen in the picture; must not exist. */
const FOLDER = "/tmp/demo";
const COLUMNS = 102;
const SESSION = [
  "maestro run -y -o out build_archive.yaml",
  "maestro wait out",
  "maestro status out",
];

const CELL = { width: 8.4, height: 18 };
const MARGIN = 14;
/** What a terminal makes of the codes in use (`lib/view/terminal.ts`). */
const COLOURS: Readonly<Record<string, string>> = { 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 36: "#79c0ff" };
const PLAIN = "#c9d1d9";
const DIM = "#8b949e";

/** Runs the session in one terminal; returns what was on its screen. */
async function record(): Promise<string> {
  await Deno.mkdir(FOLDER);
  try {
    await Deno.copyFile(`${ROOT}samples/build_archive.yaml`, `${FOLDER}/build_archive.yaml`);
    const maestro = `'${Deno.execPath()}' run -A --quiet '${ROOT}cli.ts'`;
    const lines = SESSION.map((line) => `printf '$ ${line}\\n'; ${line}`).join("\n");
    const shell = `stty cols ${COLUMNS} rows 100\nmaestro() { ${maestro} "$@"; }\n${lines}\n`;
    await Deno.writeTextFile(`${FOLDER}/session`, shell);
    const { stdout } = await new Deno.Command("script", {
      args: ["-qec", `sh ${FOLDER}/session`, "/dev/null"],
      cwd: FOLDER,
      env: { TERM: "xterm-256color", NO_COLOR: "" },
    }).output();
    return new TextDecoder().decode(stdout).replaceAll("\r", "");
  } finally {
    await Deno.remove(FOLDER, { recursive: true });
  }
}

interface Run {
  readonly text: string;
  readonly at: number;
  readonly codes: readonly string[];
}

/** A line in pieces of one style each. */
function runs(line: string): Run[] {
  const found: Run[] = [];
  let codes: string[] = [];
  let at = 0;
  // deno-lint-ignore no-control-regex
  for (const part of line.split(/(\x1b\[[\d;]*m)/)) {
    // deno-lint-ignore no-control-regex
    const style = /^\x1b\[([\d;]*)m$/.exec(part);
    if (style) codes = style[1] === "" || style[1] === "0" ? [] : style[1]!.split(";");
    else {
      // Words apart from each other are separate pieces: browsers merge blanks.
      for (const { 0: text, index } of part.matchAll(/\S+(?: \S+)*/g)) {
        found.push({ text, at: at + [...part.slice(0, index)].length, codes });
      }
      at += [...part].length;
    }
  }
  return found;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function textElement({ text, at, codes }: Run, row: number, command: boolean): string {
  const colour = codes.map((code) => COLOURS[code]).find(Boolean) ?? (codes.includes("2") ? DIM : PLAIN);
  const weight = command || codes.includes("1") ? ' font-weight="bold"' : "";
  const slant = codes.includes("3") ? ' font-style="italic"' : "";
  const x = MARGIN + at * CELL.width;
  const y = MARGIN + (row + 0.8) * CELL.height;
  // Every piece is stretched to its cells: no two fonts draw boxes equally wide.
  const length = [...text].length * CELL.width;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" textLength="${length.toFixed(1)}" fill="${
    command ? "#ffffff" : colour
  }"${weight}${slant}>${escape(text)}</text>\n`;
}

function picture(screen: string): string {
  const lines = screen.trimEnd().split("\n").flatMap((line, i) => line.startsWith("$ ") && i > 0 ? ["", line] : [line]);
  const width = 2 * MARGIN + COLUMNS * CELL.width;
  const height = 2 * MARGIN + lines.length * CELL.height;
  const body = lines.map((line, row) => runs(line).map((run) => textElement(run, row, line.startsWith("$ "))).join(""));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${height.toFixed(0)}" ` +
    `font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">\n` +
    `<title>Run a study, wait for it and check its status</title>\n` +
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n${body.join("")}</svg>\n`;
}

await Deno.writeTextFile(`${ROOT}docs/picture.svg`, picture(await record()));

/** All that is known of one row, in a dialog. */

import { clock, data, duration, paramOf, resultOf } from "./data.js";
import { byId, chip, copyButton, el } from "./dom.js";
import { picturesOf } from "./pictures.js";

export function openDetail(row) {
  const dialog = byId("detail");
  const step = data.steps[row.step];
  const folder = `${data.study.directory}/${row.workspace}`;
  const facts = [
    ...row.reason === undefined ? [] : [["Reason", row.reason]],
    ...row.exit === undefined ? [] : [["Exit code", String(row.exit)]],
    ...step.description === "" ? [] : [["Step", step.description]],
    ...step.uses.map((use) => [data.parameters[use].key, paramOf(row, use)]),
    ...(step.results ?? []).map(({ name }, rule) => [name, resultOf(row, rule) ?? "–"]),
    ...row.job === undefined ? [] : [["Job", row.job]],
  ];
  const failure = data.failures.find((failure) => failure.row === row.index);
  dialog.replaceChildren(
    el(
      "div",
      { class: "titled" },
      el("h2", { id: "detail-title" }, row.name),
      el(
        "button",
        { type: "button", class: "plain", "aria-label": "Close", onclick: () => dialog.close() },
        "✕",
      ),
    ),
    el("p", {}, chip(row.state)),
    el(
      "dl",
      { class: "facts" },
      facts.map(([name, text]) => el("div", {}, el("dt", {}, name), el("dd", {}, text))),
      el("div", {}, el("dt", {}, "Folder"), el("dd", {}, el("code", {}, folder), " ", copyButton(folder))),
    ),
    ...row.attempts.length === 0 ? [] : [attemptsTable(row.attempts)],
    ...picturesOf(row).map((picture) =>
      el("figure", { class: "picture" }, picture.image(), el("figcaption", {}, picture.name))
    ),
    ...failure ? logBlocks(failure) : [],
  );
  dialog.showModal();
}

function attemptsTable(attempts) {
  const titles = ["Attempt", "Submitted", "Waited", "Ran", "Ended", "State"];
  return el(
    "div",
    { class: "scroll" },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, titles.map((title) => el("th", { scope: "col" }, title)))),
      el(
        "tbody",
        {},
        attempts.map(({ number, submitted, waited, started, ended, state }) =>
          el(
            "tr",
            {},
            el("td", {}, String(number)),
            el("td", {}, clock(submitted)),
            el("td", {}, duration(waited)),
            el("td", {}, started === undefined ? "" : duration((ended ?? data.now) - started)),
            el("td", {}, clock(ended)),
            el("td", {}, state === undefined ? "under way" : chip(state)),
          )
        ),
      ),
    ),
  );
}

/** The last output of a failed step, and the command that runs it again. */
export function logBlocks({ logs, rerun }) {
  return [
    ...logs.map(({ file, tail }) =>
      el(
        "figure",
        {},
        el("figcaption", {}, el("code", {}, file), " ends:"),
        el("pre", { tabindex: "0" }, tail.join("\n")),
      )
    ),
    el("p", { class: "command" }, el("code", {}, rerun), copyButton(rerun)),
  ];
}

/** A click beside the dialog closes it. */
export function armDetail() {
  const dialog = byId("detail");
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

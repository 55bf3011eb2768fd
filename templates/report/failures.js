/**
 * Steps that failed, other than by a dependency: the reason, the last output, and the command that runs them
 * again.
 */

import { clock, data, isBehind, kindOf, number, paramOf, rows, runsAgain } from "./data.js";
import { failureKind } from "./failure_kind.js";
import { byId, chip, copyButton, el } from "./dom.js";
import { logBlocks } from "./detail.js";
import { setFilter } from "./filter.js";

/** Shown at once; the others are asked for. */
const FIRST = 5;
const WRONG = data.states.filter((state) => kindOf(state) === "failed");

export function drawFailures() {
  if (data.failures.length === 0) return;
  const wrong = rows.filter((row) => WRONG.includes(row.state) && !runsAgain(row));
  byId("failures").hidden = false;
  const list = el("div", {}, data.failures.slice(0, FIRST).map(failure));
  byId("failures-body").append(
    ...wrong.length > 1 ? [reasons(wrong)] : [],
    list,
    ...data.failures.length > FIRST ? [moreButton(list)] : [],
    ...data.failures.length > 1
      ? [
        el(
          "p",
          { class: "command" },
          "Rerun all with ",
          el("code", {}, data.rerunAll),
          copyButton(data.rerunAll),
        ),
      ]
      : [],
  );
}

/** How many ended for which reason, the most first. */
function reasons(wrong) {
  const counts = new Map();
  for (const row of wrong) {
    const own = row.reason ?? (row.exit === undefined ? row.state : `exit code ${row.exit}`);
    const why = isBehind(row) ? "did not run: a step before failed" : own;
    const kind = failureKind(why, data.steps[row.step].uses.map((use) => paramOf(row, use) ?? ""));
    const known = counts.get(kind);
    // A kind with one reason shows it. Others show what their reasons share.
    if (known) Object.assign(known, { count: known.count + 1, why: known.why === why ? why : kind });
    else counts.set(kind, { count: 1, why });
  }
  const sorted = [...counts.values()].sort((a, b) => b.count - a.count);
  const items = sorted.slice(0, 6).map(({ count, why }) =>
    el("li", {}, el("b", {}, number(count)), ` ${why}`)
  );
  if (sorted.length > 6) items.push(el("li", {}, `and ${number(sorted.length - 6)} more reasons`));
  const show = () => setFilter({ states: new Set(WRONG) });
  return el(
    "div",
    { class: "reasons" },
    el("ul", {}, items),
    el("button", { type: "button", class: "plain", onclick: show }, "Show them in the table"),
  );
}

function failure(entry, i) {
  const row = rows[entry.row];
  const why = row.reason ?? (row.exit === undefined ? "" : `exit code ${row.exit}`);
  return el(
    "details",
    { class: "failure", open: i === 0 },
    el(
      "summary",
      {},
      chip(row.state),
      " ",
      el("b", {}, row.name),
      " ",
      el(
        "span",
        { class: "quiet" },
        [why, clock(row.ended).slice(0, 16)].filter((text) => text !== "").join(" · "),
      ),
    ),
    ...logBlocks(entry),
  );
}

function moreButton(list) {
  const rest = data.failures.slice(FIRST);
  const more = el("button", {
    type: "button",
    class: "plain",
    onclick: () => {
      list.append(...rest.map((entry) => failure(entry, 1)));
      more.remove();
      list.children[FIRST].querySelector("summary").focus();
    },
  }, `Show ${number(rest.length)} more`);
  return more;
}

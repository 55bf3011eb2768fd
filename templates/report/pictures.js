/** The pictures that steps declare as results: below each other with their steps, and in the details of a row. */

import { number, rows } from "./data.js";
import { byId, el } from "./dom.js";
import { onFilter } from "./filter.js";

const { shown, left } = JSON.parse(document.getElementById("pictures-data").textContent);

const all = shown.map(({ row, name, type, size, data }) => ({
  row: rows[row],
  name,
  /** An image runs nothing, whatever is in its file. */
  image: () =>
    el("img", {
      ...{ src: `data:${type};base64,${data}`, alt: `${name} of ${rows[row].name}` },
      ...{ width: size?.width, height: size?.height },
    }),
}));

/** Those of a row. */
export const picturesOf = (row) => all.filter((picture) => picture.row === row);

/** Shown at once; the others are asked for. */
const PAGE = 24;

/** `open`: shows the details of a row. */
export function drawPictures(open) {
  if (all.length + left.length === 0) return;
  byId("pictures-section").hidden = false;
  const names = [...new Set(all.map(({ name }) => name))];
  const choice = el(
    "select",
    { "aria-label": "Picture", onchange: () => draw() },
    el("option", { value: "" }, "All pictures"),
    names.map((name) => el("option", { value: name }, name)),
  );
  if (names.length > 1) byId("pictures-tools").append(choice);
  let mask;
  let most = PAGE;
  function draw() {
    const chosen = all.filter(({ row, name }) =>
      mask[row.index] && (choice.value === "" || choice.value === name)
    );
    const more = el(
      "button",
      { type: "button", class: "plain", onclick: () => draw(most += PAGE) },
      "Show more",
    );
    byId("pictures").replaceChildren(
      el("div", { class: "pictures" }, chosen.slice(0, most).map((picture) => figure(picture, open))),
      el(
        "p",
        { class: "quiet small" },
        chosen.length > most
          ? `${number(most)} of ${number(chosen.length)} pictures `
          : pictureCount(chosen.length),
        chosen.length > most && more,
      ),
    );
  }
  onFilter((_, marks) => {
    mask = marks;
    most = PAGE;
    draw();
  });
  listLeft();
}

const pictureCount = (count) => count === 1 ? "1 picture" : `${number(count)} pictures`;

function figure(picture, open) {
  const { row, name } = picture;
  return el(
    "figure",
    { class: "picture" },
    picture.image(),
    el(
      "figcaption",
      {},
      `${name}: `,
      el("button", { type: "button", class: "plain", onclick: () => open(row) }, row.name),
    ),
  );
}

/** Pictures that are not in the report, and why. */
function listLeft() {
  if (left.length === 0) return;
  const [summary, list] = byId("pictures-left").children;
  byId("pictures-left").hidden = false;
  summary.textContent = `${pictureCount(left.length)} not in this report`;
  list.append(
    ...left.slice(0, 100).map(({ row, name, why }) => el("li", {}, `${name} of ${rows[row].name}: ${why}`)),
    ...left.length > 100 ? [el("li", {}, `and ${number(left.length - 100)} more`)] : [],
  );
}

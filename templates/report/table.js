/** A table of any length: only rows in sight are there. Sorted by its heads, walked by the arrow keys. */

import { number } from "./data.js";
import { el } from "./dom.js";

const ROW = 34;
/** Rows above and below those in sight. */
const MORE = 12;
/** Rows that are printed. */
const MOST_PRINTED = 1000;
const measure = document.createElement("canvas").getContext("2d");
measure.font = `14px ${getComputedStyle(document.body).fontFamily}`;

/**
 * `columns`: `{ title, value(item), text(item), cell?(item), numeric? }`; the first one names the row, and its button
 * opens it. `items` in their own order; `show(mask)` shows those with a mark.
 */
export class LongTable {
  constructor(label, columns, items, open) {
    Object.assign(this, { columns, items, open, shown: items, sorted: undefined, active: 0, first: -1 });
    this.heads = columns.map((column, i) =>
      el(
        "th",
        { scope: "col", class: column.numeric ? "num" : undefined },
        el(
          "button",
          {
            type: "button",
            class: "sort",
            onclick: () => this.sortBy(i),
          },
          column.title,
          el("span", { class: "arrow", "aria-hidden": "true" }),
        ),
      )
    );
    this.body = el("tbody", {
      onkeydown: (event) => this.walk(event),
      onclick: (event) => this.click(event),
    });
    this.above = el("tbody", { "aria-hidden": "true" }, el("tr", {}));
    this.below = el("tbody", { "aria-hidden": "true" }, el("tr", {}));
    const widths = columns.map((column) => this.widthOf(column));
    this.table = el(
      "table",
      {
        class: "long",
        "aria-label": label,
        style: { width: `${widths.reduce((sum, width) => sum + width, 0)}px` },
      },
      el("colgroup", {}, widths.map((width) => el("col", { style: { width: `${width}px` } }))),
      el("thead", {}, el("tr", {}, this.heads)),
      this.above,
      this.body,
      this.below,
    );
    this.element = el(
      "div",
      { class: "long scroll", tabindex: "0", role: "region", "aria-label": label },
      this.table,
    );
    this.element.addEventListener("scroll", () => requestAnimationFrame(() => this.draw()), {
      passive: true,
    });
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  /** As wide as most of its content. The widths remain when rows come and go. */
  widthOf({ title, text, least = 0 }) {
    let most = measure.measureText(title).width + 14;
    const step = Math.max(1, Math.floor(this.items.length / 300));
    for (let i = 0; i < this.items.length; i += step) {
      most = Math.max(most, measure.measureText(text(this.items[i]) ?? "").width);
    }
    return Math.max(least, Math.min(380, Math.ceil(most + 44)));
  }

  sortBy(column) {
    const { sorted } = this;
    if (sorted?.column !== column) this.sorted = { column, down: false };
    else this.sorted = sorted.down ? undefined : { column, down: true };
    this.heads.forEach((head, i) => {
      const way = this.sorted?.column === i ? (this.sorted.down ? "descending" : "ascending") : undefined;
      if (way) head.setAttribute("aria-sort", way);
      else head.removeAttribute("aria-sort");
    });
    this.show(this.mask);
  }

  /** All items in the order that was asked for; made once for each column. */
  order() {
    if (!this.sorted) return this.items;
    const column = this.columns[this.sorted.column];
    const up = column.order ??= sortedBy(this.items, column.value);
    if (!this.sorted.down) return up;
    return column.down ??= [
      ...up.filter((item) => isThere(column.value(item))).reverse(),
      ...up.filter((item) => !isThere(column.value(item))),
    ];
  }

  show(mask) {
    this.mask = mask;
    this.shown = mask ? this.order().filter((item) => mask[item.index]) : this.order();
    this.active = 0;
    this.first = -1;
    this.element.scrollTop = 0;
    this.table.setAttribute("aria-rowcount", String(this.shown.length + 1));
    this.draw();
  }

  draw() {
    const { scrollTop, clientHeight } = this.element;
    if (clientHeight === 0 && !this.printing) return;
    const first = this.printing ? 0 : Math.max(0, Math.floor(scrollTop / ROW) - MORE);
    const end = Math.min(
      this.shown.length,
      this.printing ? MOST_PRINTED : Math.ceil((scrollTop + clientHeight) / ROW) + MORE,
    );
    if (first === this.first && end === this.end) return;
    const inside = this.body.contains(document.activeElement);
    Object.assign(this, { first, end });
    const fill = (body, count) => body.firstChild.style.height = `${this.printing ? 0 : count * ROW}px`;
    fill(this.above, first);
    fill(this.below, this.shown.length - end);
    this.body.replaceChildren(
      ...this.shown.length === 0
        ? [this.nothing()]
        : this.shown.slice(first, end).map((item, i) => this.row(item, first + i)),
    );
    this.mark(inside);
  }

  nothing() {
    return el("tr", {}, el("td", { colspan: this.columns.length, class: "quiet" }, "Nothing is like that."));
  }

  row(item, place) {
    return el(
      "tr",
      { "aria-rowindex": place + 2, "data-place": place },
      this.columns.map((column, i) => {
        const text = column.text(item) ?? "";
        if (i === 0) {
          return el(
            "th",
            { scope: "row", title: text },
            el("button", { type: "button", class: "plain", tabindex: "-1" }, text),
          );
        }
        return el(
          "td",
          { class: column.numeric ? "num" : undefined, title: text === "" ? undefined : text },
          column.cell ? column.cell(item) : text,
        );
      }),
    );
  }

  /** One row is in the order of the Tab key: the one that the arrows have come to, or the first in sight. */
  mark(focus) {
    const at = this.body.querySelector(`[data-place="${this.active}"] button`);
    (at ?? this.body.querySelector("th button"))?.setAttribute("tabindex", "0");
    if (focus) (at ?? this.element).focus({ preventScroll: true });
  }

  click(event) {
    const place = event.target.closest("tr")?.dataset.place;
    if (place === undefined || String(getSelection()) !== "") return;
    this.active = Number(place);
    this.open(this.shown[this.active]);
  }

  walk(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW) - 2);
    const by =
      { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    this.active = Math.min(this.shown.length - 1, Math.max(0, this.active + by));
    const [top, height] = [this.active * ROW, this.element.clientHeight - 2 * ROW];
    const { scrollTop } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top > scrollTop + height) this.element.scrollTop = top - height;
    this.first = -1;
    this.draw();
    for (const button of this.body.querySelectorAll('th [tabindex="0"]')) {
      button.setAttribute("tabindex", "-1");
    }
    this.mark(true);
  }

  print(now) {
    this.printing = now;
    this.first = -1;
    this.draw();
    this.note?.remove();
    const left = this.shown.length - MOST_PRINTED;
    if (now && left > 0) {
      this.element.after(this.note = el("p", { class: "quiet" }, `and ${number(left)} more`));
    }
  }
}

const isThere = (value) => value !== undefined && value !== "";

/** Numbers by size, texts as a reader sorts them; what is not there last. */
function sortedBy(items, value) {
  const there = items.filter((item) => isThere(value(item)));
  const missing = items.filter((item) => !isThere(value(item)));
  const keys = new Map(there.map((item) => [item, value(item)]));
  const numeric = [...keys.values()].every((key) =>
    typeof key === "number" || (key.trim() !== "" && Number.isFinite(Number(key)))
  );
  const rank = numeric ? undefined : rankOf(new Set(keys.values()));
  const weight = new Map(
    there.map((item) => [item, numeric ? Number(keys.get(item)) : rank.get(keys.get(item))]),
  );
  return [...there.sort((a, b) => weight.get(a) - weight.get(b)), ...missing];
}

function rankOf(texts) {
  const collator = new Intl.Collator("en", { numeric: true });
  const sorted = [...texts].sort((a, b) => collator.compare(String(a), String(b)));
  return new Map(sorted.map((text, i) => [text, i]));
}

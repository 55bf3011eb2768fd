/** Elements, made without ever reading a text as markup. */

import { glyph } from "./data.js";

/** `attributes`: `on...` is a listener, `style` an object of properties; undefined and false are left out. */
export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "style") {
      for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
    } else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** A state: its colour, its sign, its word. */
export function chip(state, text = state) {
  return el("span", { class: `chip s-${state}` }, mark(state), text);
}

/** A decorative sign: the text beside it has the same meaning for screen readers. */
export function mark(state) {
  return el("span", { class: `mark s-${state}`, "aria-hidden": "true" }, glyph(state));
}

/** A button that copies a text, and reports that. */
export function copyButton(text, what = "Copy") {
  const button = el("button", { type: "button", class: "plain", onclick: copy }, what);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Pages from a disk may not have the clipboard.
      const area = el("textarea", { class: "hidden" }, text);
      button.after(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.textContent = "Copied";
    setTimeout(() => button.textContent = what, 1500);
  }
  return button;
}

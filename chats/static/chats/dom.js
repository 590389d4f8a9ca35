// Builds elements. Text is added as text nodes only: nothing here, or anywhere in the page, parses HTML.

const SVG = "http://www.w3.org/2000/svg";
const TONES = 10;

/** An element: el("p", {class: "quiet", "data-x": 1, onclick: f}, "text", child). False and null attributes are left out. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An icon of the sprite in index.html. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** A round picture of initials, its colour chosen by the id. `status` is online, away or offline; undefined: no dot. */
export function avatar(name, id, { status, symbol, size = "" } = {}) {
  const face = symbol ? icon(symbol) : initials(name);
  return el(
    "span",
    { class: `avatar tone-${id % TONES} ${size}`, "aria-hidden": "true" },
    face,
    status === undefined ? null : el("span", { class: "dot", "data-status": status }),
  );
}

function initials(name) {
  const words = name.split(/[\s._-]+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0] ?? "?"];
  return letters.map((word) => [...word][0]).join("").toUpperCase();
}

/** Make `parent` have exactly these children, in this order, and touch only what differs. */
export function reconcile(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  let next = parent.firstChild;
  for (const child of children) {
    if (child === next) next = next.nextSibling;
    else parent.insertBefore(child, next);
  }
}

/** A function that runs `draw` in the next frame, once however often it is called. */
export function oncePerFrame(draw) {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      draw();
    });
  };
}

export const byId = (id) => document.getElementById(id);

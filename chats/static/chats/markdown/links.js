// Addresses in texts, each with the schemes that a chat may open: http, https and mailto.

const SCHEMES = ["http:", "https:", "mailto:"];
const ADDRESS = /https?:\/\/(?:[^\s<>"'`\]]|\](?!\())+|mailto:[^\s<>"'`@]+@[^\s<>"'`]+/iuy;
// Punctuation after a URL belongs to the sentence, but for a bracket that was opened in the URL.
const TAIL = /[.,;:!?…)\]}*_~]/u;
const OPENING = { ")": "(", "]": "[", "}": "{" };
// In any script, with other dots, and with invisible characters between: to a reader these look the same.
const LIKE_AN_ADDRESS = /[\p{L}\p{N}-]\p{Cf}*[.\u2024\uff0e\uff61]\p{Cf}*[\p{L}\p{N}]|:\/\/|@/u;
const LABELLED = /\[([^[\]\n]{1,500})\]\(([^()\s]{1,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,200}){0,3})\)/uy;

/** What looks like an address at an index, or null: {text, href}. `href` null: it is none. @param {string} text @param {number} index */
export function addressAt(text, index) {
  ADDRESS.lastIndex = index;
  const match = ADDRESS.exec(text);
  if (!match) return null;
  const address = withoutTail(match[0]);
  return { text: address, href: safeHref(address) };
}

/** [label](address) at an index, or null: {text, label, href}. @param {string} text @param {number} index */
export function labelledAt(text, index) {
  LABELLED.lastIndex = index;
  const match = LABELLED.exec(text);
  const href = match && safeHref(match[2]);
  // A label that looks like an address could hide where it leads.
  if (!href || !match[1].trim() || LIKE_AN_ADDRESS.test(match[1])) return null;
  return { text: match[0], label: match[1], href };
}

/** @param {string} address */
function safeHref(address) {
  if (!URL.canParse(address)) return null;
  const { protocol, href } = new URL(address);
  return SCHEMES.includes(protocol) ? href : null;
}

/** @param {string} address */
function withoutTail(address) {
  let length = address.length;
  const counts = {};
  for (const letter of address) counts[letter] = (counts[letter] ?? 0) + 1;
  for (; length > 0 && TAIL.test(address[length - 1]); length -= 1) {
    const last = address[length - 1];
    if (OPENING[last] && (counts[OPENING[last]] ?? 0) >= counts[last]) break;
    counts[last] -= 1;
  }
  return address.slice(0, length);
}

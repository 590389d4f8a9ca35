// Everything that a host may set is a variable that begins with --chat-. As a constructed sheet: a strict
// Content-Security-Policy refuses <style>, and a file would come later than the element.

const CSS = `
:host {
  --accent: var(--chat-accent, #4f5bd5);
  --on-accent: var(--chat-on-accent, #fff);
  --paper: var(--chat-background, #fff);
  --ink: var(--chat-text, #1b1c26);
  --quiet: var(--chat-quiet, #5c6072);
  --line: var(--chat-line, #e4e5ee);
  --bubble: var(--chat-bubble, #f0f1f6);
  --bad: var(--chat-error, #c9303e);
  --good: var(--chat-online, #1a8f57);
  --radius: var(--chat-radius, 0.875rem);
  color-scheme: light dark;
  display: block;
  height: 28rem;
  font: var(--chat-font, 0.9375rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
  color: var(--ink);
  text-align: start;
}
:host([hidden]) { display: none; }
:host([theme="light"]) { color-scheme: light; }
:host([mode="floating"]) { position: fixed; inset-block-end: 1rem; inset-inline-end: 1rem; z-index: 1000; height: auto; }
@media (prefers-color-scheme: dark) {
  :host(:not([theme="light"])) {
    --paper: var(--chat-background, #15161c);
    --ink: var(--chat-text, #ececf3);
    --quiet: var(--chat-quiet, #9b9fb2);
    --line: var(--chat-line, #2c2e3a);
    --bubble: var(--chat-bubble, #262832);
    --bad: var(--chat-error, #ff7480);
    --good: var(--chat-online, #41c785);
  }
}
:host([theme="dark"]) {
  --paper: var(--chat-background, #15161c);
  --ink: var(--chat-text, #ececf3);
  --quiet: var(--chat-quiet, #9b9fb2);
  --line: var(--chat-line, #2c2e3a);
  --bubble: var(--chat-bubble, #262832);
  --bad: var(--chat-error, #ff7480);
  --good: var(--chat-online, #41c785);
  color-scheme: dark;
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
ul { list-style: none; margin: 0; padding: 0; }
p { margin: 0; }
button, textarea { font: inherit; color: inherit; }
button { min-height: 2.75rem; min-width: 2.75rem; border: 0; background: none; cursor: pointer; border-radius: var(--radius); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.panel {
  display: flex; flex-direction: column; height: 100%; overflow: hidden;
  background: var(--paper); border: 1px solid var(--line); border-radius: var(--radius);
}
:host([mode="floating"]) .panel {
  width: min(24rem, calc(100vw - 2rem)); height: min(34rem, calc(100dvh - 6rem)); margin-block-end: 0.75rem;
  box-shadow: 0 12px 32px rgb(20 22 50 / 20%);
}
header { display: flex; align-items: center; gap: 0.5rem; padding: 0.25rem 0.75rem; min-height: 3.25rem; border-block-end: 1px solid var(--line); }
header > span:not(:has(> :not([hidden]))) { display: none; }
h2 { flex: 1; margin: 0; font-size: 1rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.note { padding: 0.375rem 0.75rem; font-size: 0.8125rem; color: var(--quiet); background: var(--bubble); }
.body { position: relative; flex: 1; min-height: 0; display: flex; flex-direction: column; }
.scroll { flex: 1; overflow-y: auto; padding: 0.75rem; display: flex; flex-direction: column; overscroll-behavior: contain; }
.log { margin-block-start: auto; }
.empty { margin: auto; color: var(--quiet); text-align: center; }
.day { margin: 0.75rem 0 0.25rem; text-align: center; font-size: 0.75rem; color: var(--quiet); }
.message { display: flex; flex-direction: column; align-items: flex-start; margin-block-start: 0.625rem; }
.message.continued { margin-block-start: 0.1875rem; }
.message.mine { align-items: flex-end; }
.sender { font-size: 0.8125rem; font-weight: 600; color: var(--quiet); }
.bubble { max-width: 88%; padding: 0.4375rem 0.75rem; border-radius: var(--radius); background: var(--bubble); }
.text { display: flow-root; white-space: pre-wrap; overflow-wrap: anywhere; }
.text > * + :not(.tail), .text li + li { margin-block-start: 0.375rem; }
.text :is(ul, ol) { margin: 0; padding-inline-start: 1.375rem; list-style: disc; }
.text ol { list-style: decimal; }
.text blockquote { margin: 0; padding-inline-start: 0.625rem; border-inline-start: 3px solid currentcolor; }
.text :is(code, pre) { font: 0.875em ui-monospace, Menlo, Consolas, monospace; }
.text pre { overflow-x: auto; scrollbar-width: thin; white-space: pre; margin: 0; padding: 0.375rem 0.5rem; border: 1px solid; border-radius: 0.375rem; }
.mine .bubble { background: var(--accent); color: var(--on-accent); }
.bubble a { color: inherit; }
.tail { float: inline-end; margin: 0.3125rem 0 0 0; margin-inline-start: 0.75rem; line-height: 1rem; font-size: 0.6875rem; color: var(--quiet); white-space: nowrap; }
.mine .tail { color: inherit; }
.removed .tail { font-style: normal; }
.removed { font-style: italic; opacity: 0.8; }
.status { font-size: 0.75rem; color: var(--quiet); }
.status.failed { color: var(--bad); }
.status button { min-height: 1.75rem; padding: 0 0.375rem; text-decoration: underline; }
.pill {
  position: absolute; inset-block-end: 0.5rem; inset-inline: 0; margin: 0 auto; width: fit-content; padding: 0 1rem; min-height: 2.25rem;
  background: var(--accent); color: var(--on-accent);
}
.typing { min-height: 1.25rem; padding: 0 0.75rem; font-size: 0.75rem; color: var(--quiet); }
form { display: flex; align-items: flex-end; gap: 0.5rem; padding: 0.5rem 0.75rem 0.75rem; }
textarea {
  flex: 1; min-width: 0; max-height: 8rem; min-height: 2.75rem; padding: 0.5625rem 0.75rem; resize: none; field-sizing: content;
  color: var(--ink); background: var(--paper); border: 1px solid var(--quiet); border-radius: var(--radius);
}
.send, .launcher { background: var(--accent); color: var(--on-accent); padding: 0 1rem; font-weight: 600; }
@media (hover: hover) { header button:hover { background: var(--bubble); } .launcher:hover, .send:hover:enabled { filter: brightness(1.1); } }
.send:disabled { opacity: 0.5; cursor: default; }
.launcher { position: relative; display: block; margin-inline-start: auto; min-height: 3rem; box-shadow: 0 4px 16px rgb(20 22 50 / 25%); }
.badge { display: inline-block; min-width: 1.375rem; padding: 0 0.375rem; border-radius: 0.75rem; background: var(--accent); color: var(--on-accent); font-size: 0.75rem; font-weight: 600; line-height: 1.375rem; text-align: center; }
.launcher .badge { background: var(--on-accent); color: var(--accent); }
.room { display: grid; grid-template: "name at at" "last last badge" / minmax(0, 1fr) auto auto; gap: 0 0.5rem; width: 100%; padding: 0.5rem 0.75rem; border-radius: 0; text-align: start; }
@media (hover: hover) { .room:hover { background: var(--bubble); } }
.room > * { text-align: -webkit-match-parent; text-align: match-parent; }
.room .name { grid-area: name; font-weight: 500; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.room .dot { display: inline-block; width: 0.5625rem; height: 0.5625rem; margin-inline-start: 0.4375rem; border: 2px solid var(--good); border-radius: 50%; vertical-align: 0.0625rem; }
.room .dot.is-online { background: var(--good); }
.room:has(.badge) .name { font-weight: 700; }
.room .last { grid-area: last; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--quiet); font-size: 0.875rem; }
.room time { grid-area: at; color: var(--quiet); font-size: 0.75rem; }
.room .badge { grid-area: badge; justify-self: end; }
.rooms { overflow-y: auto; flex: 1; }
chat-room { flex: 1; min-height: 0; height: auto; }
:host([bare]) .panel { border: 0; border-radius: 0; }
.for-readers { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (forced-colors: active) { .bubble, .panel, textarea { border: 1px solid; } .room .dot { border-color: CanvasText; } .room .dot.is-online { background: CanvasText; forced-color-adjust: none; } }
`;

export const styles = new CSSStyleSheet();
styles.replaceSync(CSS);

import { createHash } from 'node:crypto';

/** The page's only style sheet. It is inline, so that the page needs nothing from anywhere; the policy allows just it. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2128; --soft: #59636e; --line: #d8dee4; --paper: #fff; --raised: #f6f8fa;
  --good: #1a7f37; --warn: #9a6700; --bad: #cf222e; --idle: #59636e; --link: #0550ae; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9198a1; --line: #30363d; --paper: #0d1117; --raised: #161b22;
    --good: #3fb950; --warn: #d29922; --bad: #ff7b72; --idle: #9198a1; --link: #79b8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 82rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
a { color: var(--link); }
header, footer { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; color: var(--soft); }
header strong { color: var(--ink); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-left: auto; }
h1 { font-size: 1.375rem; line-height: 1.3; margin: 1.25rem 0; padding: .75rem 1rem; border-left: .4rem solid;
  background: var(--raised); overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .5rem .75rem; text-align: left; vertical-align: top; white-space: nowrap; }
th { color: var(--soft); font-weight: 600; font-size: .8125rem; border-bottom: 2px solid var(--line); }
tbody + tbody { border-top: 1px solid var(--line); }
tbody tr:first-child td { padding-top: .75rem; }
.n { text-align: right; }
.name { font-weight: 600; white-space: normal; overflow-wrap: anywhere; min-width: 10rem; }
.id { display: block; color: var(--soft); text-underline-offset: .2em; font: .8125rem/1.4 ui-monospace, "Liberation Mono", monospace; }
.word { display: inline-block; min-width: 7.5rem; font-weight: 700; }
.word::before { content: ""; display: inline-block; width: .65em; height: .65em; margin-right: .5em; border-radius: 50%;
  background: currentColor; }
.held { color: var(--soft); font-style: italic; }
.why td { padding-top: 0; white-space: normal; }
.why ul { margin: 0 0 .25rem; padding: 0; list-style: none; }
.why li { margin-bottom: .25rem; overflow-wrap: anywhere; }
.do { color: var(--soft); margin-left: .5em; }
li.do { margin-left: 0; }
@media (max-width: 40rem) { body { padding: .75rem; } th, td { padding: .4rem .5rem; } nav { margin-left: 0; }
  .word { min-width: 0; } .name { min-width: 7rem; } .why td:first-child { display: none; } }
h1.good, h1.idle, h1.warn, h1.bad { color: var(--ink); }
h1.good { border-color: var(--good); } h1.warn { border-color: var(--warn); }
h1.bad { border-color: var(--bad); } h1.idle { border-color: var(--idle); }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); } .idle { color: var(--idle); }
footer { margin-top: 1.5rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: .8125rem; }
`;

/** Nothing may be loaded, run, framed or posted; only the style above applies. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

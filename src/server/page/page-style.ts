import { createHash } from 'node:crypto';
import { SCRIPT } from './page-script.ts';

/**
 * The only style sheet of the pages. It is inline, so that a page needs nothing else; the policy allows only this one.
 */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2128; --soft: #59636e; --line: #d8dee4; --paper: #fff; --raised: #f6f8fa;
  --good: #1a7f37; --warn: #8a5a00; --bad: #b3202a; --idle: #59636e; --link: #0550ae; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9fa7b0; --line: #30363d; --paper: #0d1117; --raised: #161b22;
    --good: #3fb950; --warn: #d29922; --bad: #ff7b72; --idle: #9fa7b0; --link: #79b8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 82rem; padding: 1.25rem 1.5rem; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
a { color: var(--link); text-underline-offset: .2em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
header, footer { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; color: var(--soft); }
header a, nav a { color: var(--soft); display: inline-block; padding: .25rem 0; }
header strong { color: var(--ink); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-left: auto; }
h1 { font-size: 1.375rem; line-height: 1.3; margin: 1rem 0; padding: .75rem 1rem; border-left: .4rem solid;
  background: var(--raised); overflow-wrap: anywhere; }
h2 { font-size: 1.0625rem; margin: 1.75rem 0 .5rem; }
.sign { margin-right: .45em; }
.mark { font-weight: 700; white-space: nowrap; }
.soft { color: var(--soft); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.gone { position: sticky; top: 0; z-index: 1; margin: .75rem 0 0; padding: .6rem 1rem; background: var(--bad); color: var(--paper); font-weight: 600; }
.causes { margin: 0 0 1rem; padding: 0; list-style: none; }
main a { display: inline-block; min-height: 24px; min-width: 24px; }
.causes li { padding: .5rem 1rem; border-left: .15rem solid var(--line); margin-bottom: .5rem; overflow-wrap: anywhere; }
.drill { margin: .75rem 0 0; padding: .6rem 1rem; border: .15rem dashed var(--warn); overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem 1.5rem; align-items: end; }
figure { margin: 0; min-width: 0; } figcaption strong { font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; height: 2.75rem; margin-top: .25rem; border-bottom: 1px solid var(--line); }
path { fill: none; stroke: var(--link); stroke-width: 1.5px; stroke-linecap: round; vector-effect: non-scaling-stroke; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; margin: 1rem 0; }
input, select, button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: .25rem;
  padding: .3rem .5rem; min-height: 2rem; }
input { width: 15rem; max-width: 100%; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .5rem .75rem; text-align: left; vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; font-size: .8125rem; border-bottom: 2px solid var(--line); white-space: nowrap; }
tbody { border-top: 1px solid var(--line); }
tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 10rem; }
tbody th a { color: var(--ink); }
.n { text-align: right; white-space: nowrap; }
.id { display: block; color: var(--soft); font: .8125rem/1.4 ui-monospace, "Liberation Mono", monospace; }
.held { color: var(--soft); font-style: italic; }
.why td { padding-top: 0; }
.why ul { margin: 0 0 .25rem; padding: 0; list-style: none; }
.why li { margin-bottom: .35rem; overflow-wrap: anywhere; }
.command { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; margin-top: .35rem; color: var(--ink); }
.command code { overflow-wrap: anywhere; background: var(--raised); padding: .2rem .4rem; }
code { overflow-wrap: anywhere; font: .8125rem/1.5 ui-monospace, "Liberation Mono", monospace; }
@media (scripting: none) { button[data-copy] { display: none; } }
.runbook-text { white-space: pre-wrap; overflow-wrap: anywhere; max-width: 60rem; font: .875rem/1.5 ui-monospace, "Liberation Mono", monospace; }
dl div { display: flex; flex-wrap: wrap; gap: .1rem 1rem; padding: .2rem 0; }
dt { color: var(--soft); flex: 0 1 18rem; } dd { margin: 0; }
details { border-top: 1px solid var(--line); }
summary { padding: .75rem; cursor: pointer; min-height: 24px; }
h1.good, h1.idle, h1.warn, h1.bad { color: var(--ink); }
h1.good { border-color: var(--good); } h1.warn { border-color: var(--warn); }
h1.bad { border-color: var(--bad); } h1.idle { border-color: var(--idle); }
span.good { color: var(--good); } span.warn { color: var(--warn); } span.bad { color: var(--bad); } span.idle { color: var(--idle); }
h1.good .sign { color: var(--good); } h1.warn .sign { color: var(--warn); } h1.bad .sign { color: var(--bad); }
footer { margin-top: 1.5rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: .8125rem; }
@media (max-width: 48rem) {
  body { padding: .75rem; } nav { margin-left: 0; } h1 { font-size: 1.1875rem; } form label, input, select { width: 100%; }
  table, tbody, tr, td, tbody th { display: block; } thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody { padding: .5rem 0; } th, td { padding: .1rem 0; } tbody th { min-width: 0; }
  tbody tr { display: flex; flex-wrap: wrap; gap: .1rem 1rem; } tbody th, .why td { flex: 1 0 100%; } .why td:first-child { display: none; }
  .n { text-align: left; } .n::before { content: attr(data-label) " "; color: var(--soft); font-style: normal; font-size: .8125rem; }
}
`;

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * Nothing may be loaded, run, framed or posted. Only the page's own style and script apply, and it may fetch itself.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src ${hash(STYLE)}`,
  `script-src ${hash(SCRIPT)}`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

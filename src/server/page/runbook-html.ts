import { ALERT_NAMES } from '../../rules/alert-names.ts';
import { type Html, html } from './html.ts';

export interface RunbookContext {
  /** Puts what is known here into a command. */
  fill(command: string): string;
  /** Appended to the address of another runbook. */
  readonly query: string;
}

/** An item, and how far what belongs to it is indented. */
const ITEM = /^((?:\d+\.|-) +)(.*)$/;
const FENCE = /^( *)```(\w*)$/;

/** The part of Markdown that runbooks are written in: headings, paragraphs, lists, tables, code, links. */
export function runbookHtml(markdown: string, context: RunbookContext): Html {
  return html`${blocks(markdown.replace(/^# .*\n+/, '').split('\n'), context)}`;
}

function blocks(lines: readonly string[], context: RunbookContext): readonly Html[] {
  const made: Html[] = [];
  let at = 0;
  /** The lines from here on for which this holds. */
  const take = (belongs: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && belongs(lines[at]!)) at++;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at]!;
    if (line.trim() === '') at++;
    else if (line.startsWith('## ')) {
      made.push(html`<h2>${line.slice(3)}</h2>`);
      at++;
    } else if (FENCE.test(line)) {
      at++;
      made.push(codeBlock(take((next) => !FENCE.test(next)).join('\n'), context));
      at++;
    } else if (line.startsWith('|'))
      made.push(
        table(
          take((next) => next.startsWith('|')),
          context,
        ),
      );
    else if (ITEM.test(line))
      made.push(
        list(
          take((next) => next.trim() === '' || /^(\d+\.|-| )/.test(next)),
          context,
        ),
      );
    else {
      const text = take((next) => next.trim() !== '' && !FENCE.test(next)).join(' ');
      made.push(html`<p>${inline(text, context)}</p>`);
    }
  }
  return made;
}

function list(lines: readonly string[], context: RunbookContext): Html {
  const items: string[][] = [];
  let indent = 0;
  for (const line of lines) {
    const [, marker, text] = ITEM.exec(line) ?? [];
    if (marker === undefined) items.at(-1)!.push(line.slice(Math.min(indent, line.search(/\S|$/))));
    else {
      indent = marker.length;
      items.push([text!]);
    }
  }
  const shown = items.map((item) => html`<li>${blocks(item, context)}</li>`);
  return /^\d/.test(lines[0]!) ? html`<ol>${shown}</ol>` : html`<ul>${shown}</ul>`;
}

function codeBlock(text: string, { fill }: RunbookContext): Html {
  const code = fill(text);
  return html`<div class="command"><pre tabindex="0"><code>${code}</code></pre><button type="button" data-copy="${code}">Copy</button></div>`;
}

function table(lines: readonly string[], context: RunbookContext): Html {
  const [head = [], , ...rows] = lines.map((line) => line.replace(/^\||\|\s*$/g, '').split('|'));
  const heading = head.map((cell) => html`<th scope="col">${inline(cell.trim(), context)}</th>`);
  return html`<table class="plain"><thead><tr>${heading}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${row.map((cell) => html`<td>${inline(cell.trim(), context)}</td>`)}</tr>`,
  )}</tbody></table>`;
}

/** Links to other runbooks lead to their pages here; of other links, only the text is shown. */
function inline(text: string, { query }: RunbookContext): readonly Html[] {
  return text.split(/(`[^`]+`|\[[^\]]*\]\([^)]*\))/).map((part) => {
    if (part.startsWith('`')) return html`<code>${part.slice(1, -1)}</code>`;
    const [, label, target] = /^\[([^\]]*)\]\(([^)]*)\)$/.exec(part) ?? [];
    if (label === undefined) return html`${part}`;
    const alert = ALERT_NAMES.find((name) => target === `${name}.md`);
    return alert === undefined ? html`${label}` : html`<a href="/runbooks/${alert}${query}">${label}</a>`;
  });
}

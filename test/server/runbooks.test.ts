import { expect, it } from 'vitest';
import { markdownHtml } from '../../src/server/runbooks.ts';

const shown = async (markdown: string) =>
  (await markdownHtml(markdown, { words: { ENV: 'env_1' }, query: '?environment=env_1' })).toString();

it.each<[string, string, string]>([
  ['its title is shown by the page', '# Title\n\nText.', '<p>Text.</p>'],
  ['a heading', '## Meaning', '<h2>Meaning</h2>'],
  ['a paragraph of two lines', 'one\ntwo', '<p>one two</p>'],
  ['code in a sentence', 'Look at `a < b`.', '<p>Look at <code>a &lt; b</code>.</p>'],
  ['code in a sentence, filled in', 'Look at `/x/ENV`.', '<p>Look at <code>/x/env_1</code>.</p>'],
  ['bullets', '- one\n- two', '<ul><li><p>one</p></li><li><p>two</p></li></ul>'],
  ['steps', '1. one\n2. two', '<ol><li><p>one</p></li><li><p>two</p></li></ol>'],
  [
    'a command of a step, filled in',
    '1. Ask:\n\n   ```sh\n   curl ENV \\\n     | jq .\n   ```\n\n2. two',
    '<ol><li><p>Ask:</p><div class="command"><pre tabindex="0"><code>curl env_1 \\\n  | jq .</code></pre><button type="button" data-copy="curl env_1 \\\n  | jq .">Copy</button></div></li><li><p>two</p></li></ol>',
  ],
  [
    'queries, each with a button of its own',
    '```promql\nup{id="ENV"}\nsum by (a) (\n  b\n  )\n```',
    ['up{id=&quot;env_1&quot;}', 'sum by (a) (\n  b\n  )']
      .map(
        (query) =>
          `<div class="command"><pre tabindex="0"><code>${query}</code></pre><button type="button" data-copy="${query}">Copy</button></div>`,
      )
      .join(''),
  ],
  [
    'several commands of a shell, which runs them one after the other',
    '```sh\ndf -h\nls -ld\n```',
    '<div class="command"><pre tabindex="0"><code>df -h\nls -ld</code></pre><button type="button" data-copy="df -h\nls -ld">Copy</button></div>',
  ],
  [
    'a table',
    '| a | b |\n| --- | --- |\n| 1 | `2` |',
    '<table class="plain"><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead><tbody><tr><td>1</td><td><code>2</code></td></tr></tbody></table>',
  ],
  [
    'a link to another runbook, for the same environment',
    '[X](AnthropicWorkItemStuck.md)',
    '<p><a href="/runbooks/AnthropicWorkItemStuck?environment=env_1">X</a></p>',
  ],
  ['a word that is meant', '*this* one', '<p><em>this</em> one</p>'],
  [
    'a link to a page of the web',
    '<https://status.claude.com>',
    '<p><a href="https://status.claude.com" rel="noreferrer">https://status.claude.com</a></p>',
  ],
  ['a link to a file that is not served', '[docs](../../docs/alerting.md)', '<p>docs</p>'],
  ['markup', '<script>', '<p>&lt;script&gt;</p>'],
])('a runbook as a page: %s', async (_, markdown, expected) => {
  expect(await shown(markdown)).toBe(`<article class="runbook-text">${expected}</article>`);
});

import { expect, it } from 'vitest';
import { markdownHtml } from '../../src/server/runbooks.ts';

const shown = async (markdown: string) =>
  (await markdownHtml(markdown, { words: { ENV: 'env_1', API: 'a b' }, query: '?environment=env_1' })).toString();

it.each<[string, string, string]>([
  ['code in a sentence, filled in', 'Look at `a < /x/ENV`.', 'Look at <code>a &lt; /x/env_1</code>.'],
  ['a word that is not plain is not filled in', '`curl API`', '<code>curl API</code>'],
  [
    'a command of a step, filled in',
    '1. Ask:\n\n   ```sh\n   curl ENV \\\n     | jq .\n   ```\n\n2. two',
    '<pre tabindex="0"><code>curl env_1 \\\n  | jq .</code></pre>',
  ],
  [
    'queries, each to be copied by itself',
    '```promql\nup{id="ENV"}\nsum by (a) (\n  b\n  )\n```',
    '<pre tabindex="0"><code>up{id=&quot;env_1&quot;}</code></pre><pre tabindex="0"><code>sum by (a) (\n  b\n  )</code></pre>',
  ],
  [
    'a link to another runbook, for the same environment',
    '[X](AnthropicWorkItemStuck.md)',
    '<a href="/runbooks/AnthropicWorkItemStuck?environment=env_1">X</a>',
  ],
  ['a link to a page of the web', '<https://status.claude.com>', '<a href="https://status.claude.com">'],
  ['a link to a file that is not served', '[docs](../../docs/alerting.md)', '<p>docs</p>'],
  ['markup', 'a <script>alert(1)</script>', 'a &lt;script&gt;alert(1)&lt;/script&gt;'],
])('a runbook as a page: %s', async (_, markdown, expected) => {
  expect(await shown(markdown)).toContain(expected);
});

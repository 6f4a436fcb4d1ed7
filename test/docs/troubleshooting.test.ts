import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';
import { pageOf } from './pages.ts';

const SOURCE = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(join(ROOT, 'src', path), 'utf8'))
  .join('\n');
/** What Kubernetes, OpenShift and Mimir say. */
const OF_OTHERS = [
  'secret … not found',
  'ImagePullBackOff',
  'unable to validate against any security context constraint',
  'Too long: may not be more than 262144 bytes',
  'rules per rule group limit … exceeded',
];

it('docs/troubleshooting.md quotes messages of the exporter in its words', () => {
  const symptoms = [...pageOf('docs/troubleshooting.md').text.matchAll(/^\| (?!-)([^|]+) \|/gm)].map(
    ([, cell]) => cell!,
  );
  const quoted = symptoms.flatMap((cell) =>
    [...cell.matchAll(/`([^`]+)`|"([^"]+)"/g)].map(([, code, text]) => code ?? text!),
  );
  // A message has words; a metric, an option or a path has none.
  const messages = quoted.filter((text) => text.includes(' ') && !OF_OTHERS.includes(text) && !/^[A-Z]+ \//.test(text));
  expect(messages.length).toBeGreaterThan(1);
  for (const part of messages.flatMap((text) => text.split('…'))) expect(SOURCE, part).toContain(part.trim());
});

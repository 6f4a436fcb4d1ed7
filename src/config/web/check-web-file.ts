import type { z } from 'zod';
import { remedyForUnknown } from '../file/nearest.ts';
import type { Path } from '../file/option-tree.ts';
import { quote } from '../file/quote.ts';
import type { Report } from '../file/report.ts';
import type { Tree } from '../file/sources.ts';
import { knownWebKeys, type WebFile, webFileSchema } from './web-file-schema.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  basic_auth_users: 'make one with htpasswd -nBC 10 USER',
};

/** The checked values of a web configuration file; null when the report has a problem with one. */
export function checkWebFile(tree: Tree, report: Report): WebFile | null {
  const result = webFileSchema.safeParse(tree);
  if (result.success) return result.data;
  for (const issue of result.error.issues) explain(issue, report);
  return null;
}

function explain(issue: z.core.$ZodIssue, report: Report): void {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const remedy = remedyForUnknown(key, knownWebKeys(path));
      report.problem([...path, key], `unknown key ${quote(key)}`, remedy, 'key');
    }
    return;
  }
  const own = issue.message.startsWith('must ') ? issue.message : 'must be a map of keys';
  const remedy = REMEDIES[String(path[0])] ?? 'docs/web-security.md shows a complete file';
  report.invalidate(path, own, remedy);
}

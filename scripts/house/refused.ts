import type { Finding } from './finding.ts';
import type { SourceFile } from './source-files.ts';

const REFUSED = /refus/i;
/** Names of others, and a setting of the simulator that is published. */
const OTHERS = /ECONNREFUSED|connection (?:that is |was )?refused|proxy refused|cloudWork/;
/** What never meets an answer of the API: here files, requests and values are rejected. */
const ELSEWHERE = /^src\/(?:base|config|deploy|discovery|lifecycle|server|state|statefile|wire)\//;
const STATUS = /\b(?:4\d\d|5\d\d)\b/g;

/** Uses of "refused" for anything but a 401 or 403 of the API: docs/design/glossary.md. */
export function refusedFindings(files: readonly SourceFile[]): readonly Finding[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index): Finding[] => {
      if (!REFUSED.test(line) || OTHERS.test(line)) return [];
      const statuses = line.match(STATUS) ?? [];
      const isOther = statuses.some((status) => status !== '401' && status !== '403');
      const isElsewhere = ELSEWHERE.test(path) && statuses.length === 0;
      if (!isOther && !isElsewhere) return [];
      return [{ kind: 'refused', where: path, detail: `line ${index + 1}: say rejected` }];
    }),
  );
}

import type { Finding } from './finding.ts';
import type { SourceFile } from './source-files.ts';

const TYPE = /^export (?:abstract )?(?:interface|class|type) (\w+)/gm;

/** Names under which several files export a type: a reader of one of them cannot know which. */
export function typeNameFindings(files: readonly SourceFile[]): readonly Finding[] {
  const places = files.flatMap(({ path, text }) =>
    [...text.matchAll(TYPE)].map((match) => ({ name: match[1]!, path })),
  );
  return [...Map.groupBy(places, ({ name }) => name)]
    .filter(([, same]) => same.length > 1)
    .map(([name, same]) => ({ kind: 'double-name', where: name, detail: same.map(({ path }) => path).join(', ') }));
}

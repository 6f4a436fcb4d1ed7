import type { Finding } from './finding.ts';
import type { SourceFile } from './source-files.ts';

/** The first circle of imports, those of types included; the first file stands at both ends. */
export function circleFindings(files: readonly SourceFile[]): readonly Finding[] {
  const circle = circleIn(new Map(files.map(({ path, imports }) => [path, imports])));
  return circle === null ? [] : [{ kind: 'circle', where: circle[0]!, detail: circle.join(' → ') }];
}

/** The first circle that a search along the edges finds, or null. */
export function circleIn(edges: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): readonly string[] | null => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return null;
    path.push(node);
    for (const next of edges.get(node) ?? []) {
      const circle = visit(next);
      if (circle !== null) return circle;
    }
    path.pop();
    done.add(node);
    return null;
  };
  for (const node of edges.keys()) {
    const circle = visit(node);
    if (circle !== null) return circle;
  }
  return null;
}

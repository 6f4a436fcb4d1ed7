import { type Finding, KINDS, type Kind } from './finding.ts';

/** Why something may be as it is: by kind, then by `where`. */
export type Reasons = Readonly<Partial<Record<Kind, Readonly<Record<string, string>>>>>;

/** A line for each kind, and one for each finding without a reason and each reason without a finding. */
export function judge(findings: readonly Finding[], reasons: Reasons): { lines: readonly string[]; ok: boolean } {
  const lines: string[] = [];
  let ok = true;
  for (const [kind, title] of Object.entries(KINDS) as [Kind, string][]) {
    const own = findings.filter((finding) => finding.kind === kind);
    const known = reasons[kind] ?? {};
    const open = own.filter(({ where }) => !Object.hasOwn(known, where));
    const stale = Object.keys(known).filter((where) => !own.some((finding) => finding.where === where));
    lines.push(
      `${own.length} ${title}${own.length > open.length ? `, ${own.length - open.length} with a reason` : ''}`,
    );
    lines.push(...open.map(({ where, detail }) => `  ${where}: ${detail}`));
    lines.push(
      ...stale.map((where) => `  ${where}: has a reason and needs none; take it out of scripts/house/reasons.ts`),
    );
    ok &&= open.length === 0 && stale.length === 0;
  }
  return { lines, ok };
}

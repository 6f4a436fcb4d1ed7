import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { allBoards } from '../../../src/dashboards/generate.ts';

/** A query as the JSON has it. */
export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly instant?: boolean;
  readonly range?: boolean;
  readonly format?: string;
  readonly interval?: string;
  readonly datasource?: { readonly uid?: string };
}

export interface Expression {
  /** Where it stands, for messages. */
  readonly where: string;
  readonly expr: string;
  readonly target: Target | null;
  readonly panel: Panel | null;
}

export const boards = allBoards();
export const boardNamed = (uid: string): Dashboard => boards.find((board) => board.uid === uid)!;

/** All panels, those in a folded row included. */
export const panelsOf = (board: Dashboard): Panel[] =>
  (board.panels ?? []).flatMap((panel) =>
    panel.type === 'row' ? ((panel as RowPanel).panels ?? []) : [panel as Panel],
  );

export const targetsOf = (panel: Panel): readonly Target[] => (panel.targets ?? []) as unknown as readonly Target[];

/** The inner expression of a variable's query: of `label_values(EXPR, label)` or `query_result(EXPR)`. */
export function variableExpression(query: unknown): string | null {
  if (typeof query !== 'string') return null;
  return /^label_values\((.+),\s*\w+\)$/s.exec(query)?.[1] ?? /^query_result\((.+)\)$/s.exec(query)?.[1] ?? null;
}

/** Every expression of a board: of its panels, its variables and its annotations. */
export function expressionsOf(board: Dashboard): Expression[] {
  const ofPanels = panelsOf(board).flatMap((panel) =>
    targetsOf(panel).map((target) => ({
      where: `${board.uid} / ${panel.title} / ${target.refId}`,
      expr: target.expr,
      target,
      panel,
    })),
  );
  const ofVariables = (board.templating?.list ?? []).flatMap(({ name, query }) => {
    const expr = variableExpression(query);
    return expr === null ? [] : [{ where: `${board.uid} / variable ${name}`, expr, target: null, panel: null }];
  });
  const ofAnnotations = (board.annotations?.list ?? []).flatMap(({ name, expr }) =>
    expr === undefined ? [] : [{ where: `${board.uid} / annotation ${name}`, expr, target: null, panel: null }],
  );
  return [...ofPanels, ...ofVariables, ...ofAnnotations];
}

export const allExpressions = boards.flatMap(expressionsOf);

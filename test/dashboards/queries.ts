import { allBoards } from '../../src/dashboards/files.ts';

/** A panel, a variable or an annotation, as the JSON has them. */
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly interval?: string }[];
  readonly fieldConfig?: {
    readonly overrides: readonly { readonly matcher: { readonly options: string }; readonly properties: unknown }[];
  };
  readonly transformations?: readonly { readonly id: string; readonly options: Record<string, object> }[];
}
interface Board {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { name: string; query: string; regex?: string }[] };
  readonly annotations: { readonly list: readonly { name: string; expr: string }[] };
}

export const boards = JSON.parse(JSON.stringify(allBoards())) as readonly Board[];
export const panelsOf = ({ panels }: Board) => panels.filter(({ type }) => type !== 'row');

/** Every query of every board, by where it stands: `overview / PANEL / REF`, `overview / variable NAME`. */
export const QUERIES: ReadonlyMap<string, string> = new Map(
  boards.flatMap((board): [string, string][] => {
    const name = board.uid.replace('anthropic-work-', '');
    const ofPanels = panelsOf(board).flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, expr }): [string, string] => [`${name} / ${title} / ${refId}`, expr]),
    );
    // The expression inside of `label_values(…, label)` or `query_result(…)`.
    const ofVariables = board.templating.list
      .filter((one) => one.name !== 'datasource')
      .map((one): [string, string] => [
        `${name} / variable ${one.name}`,
        one.query.replace(/^(?:label_values\((.+), \w+|query_result\((.+))\)$/, '$1$2'),
      ]);
    const ofMarks = board.annotations.list.map((one): [string, string] => [`${name} / mark ${one.name}`, one.expr]);
    return [...ofPanels, ...ofVariables, ...ofMarks];
  }),
);

/** What a reader chose at the top: lists of alternatives as Grafana makes them, where that is not everything. */
export interface Choice {
  readonly environment?: string;
  readonly connection?: string;
  readonly owner?: string;
  readonly shown?: string;
}

/** A query as Grafana sends it over a range of six hours; scraped every half minute. */
export function asSent(
  expr: string,
  { environment = '.+', connection = '.+', owner = '.*', shown }: Choice = {},
): string {
  const values: Readonly<Record<string, string>> = {
    ...{ job: '.+', environment, connection, owner, tier: '.*', 'shown:pipe': shown ?? environment },
    ...{ __rate_interval: '4m', __range: '6h' },
  };
  return expr.replace(/\$\{([\w:]+)\}|\$([a-z_]\w*)/g, (whole, braced: string, bare: string) => {
    const value = values[braced ?? bare];
    if (value === undefined) throw new Error(`${whole} is no variable of the boards: ${expr}`);
    return value;
  });
}

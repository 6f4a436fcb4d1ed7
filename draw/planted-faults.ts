import type { DRAWING_RULES } from './judge.ts';

/** What of a board's JSON is changed here. */
export interface BoardJson {
  panels: PanelJson[];
  readonly templating: { readonly list: { readonly name: string; query: string }[] };
}
interface PanelJson {
  title: string;
  readonly gridPos: { h: number };
  // biome-ignore lint/suspicious/noExplicitAny: each fault knows the part that it spoils.
  readonly [part: string]: any;
}

interface PlantedFault {
  readonly rule: keyof typeof DRAWING_RULES;
  readonly plant: (board: BoardJson) => void;
  /** What the judge must say, and says of no board of ours. */
  readonly says: RegExp;
}

/** Boards that are spoilt on purpose, in one drawing each. */
interface SpoiltBoard {
  readonly board: string;
  readonly situation: string;
  readonly faults: readonly PlantedFault[];
}

const panel = (board: BoardJson, title: string) => board.panels.find((one) => one.title === title)!;
const spoil = (title: string, change: (spoilt: PanelJson) => void) => (board: BoardJson) => change(panel(board, title));
const setDefaults = (title: string, part: object) =>
  spoil(title, ({ fieldConfig }) => Object.assign(fieldConfig.defaults, part));
const setCustom = (title: string, part: object) =>
  spoil(title, ({ fieldConfig }) => {
    fieldConfig.defaults.custom = { ...fieldConfig.defaults.custom, ...part };
  });
const setWidth = (title: string, column: string, width: number) =>
  spoil(title, ({ fieldConfig }) => {
    fieldConfig.overrides.push({
      matcher: { id: 'byName', options: column },
      properties: [{ id: 'custom.width', value: width }],
    });
  });
const sortUpwards = (title: string, column: string, desc: boolean) =>
  spoil(title, ({ options }) => Object.assign(options, { sortBy: [{ displayName: column, desc }] }));
const TABLE = 'Environments, worst first';

export const SPOILT_BOARDS: readonly SpoiltBoard[] = [
  {
    board: 'overview',
    situation: 'incident',
    faults: [
      {
        rule: 'noProblems',
        plant: spoil('Waiting items', ({ targets }) => Object.assign(targets[0], { expr: 'max(' })),
        says: /^400: /,
      },
      { rule: 'allAnswered', plant: () => {}, says: /^Waiting items: Error/ },
      { rule: 'textsFit', plant: setWidth(TABLE, 'Status', 40), says: /^Environments.*"no workers" does not fit/ },
      { rule: 'columnsWhole', plant: setWidth('Firing alerts', 'Alert', 900), says: /the column "For"/ },
      { rule: 'roundTicks', plant: setDefaults('Oldest item', { decimals: 1 }), says: /^Oldest item: the tick "10\.0/ },
      {
        rule: 'rowsWhole',
        plant: spoil('Oldest item', ({ gridPos }) => {
          gridPos.h = 8;
        }),
        says: /^Oldest item: of the row .* px high/,
      },
      { rule: 'worstFirst', plant: sortUpwards(TABLE, 'Status', false), says: /the first row is not the worst/ },
      {
        rule: 'linksFilled',
        plant: spoil(TABLE, ({ fieldConfig }) => {
          // In place: a second link would make it a menu, without an address.
          for (const { matcher, properties } of fieldConfig.overrides)
            for (const { id, value } of properties)
              if (matcher.options === 'Environment' && id === 'links')
                value[0].url = '/d/nowhere?var-environment=$nobody';
        }),
        says: /^link: .*nowhere/,
      },
    ],
  },
  {
    board: 'overview',
    situation: 'empty',
    faults: [
      { rule: 'emptySaid', plant: setDefaults('Worst wait', { mappings: [] }), says: /an empty queue does not say so/ },
      {
        rule: 'variablesOffer',
        plant: ({ templating: { list } }) => {
          list.find(({ name }) => name === 'job')!.query = 'label_values(nothing, job)';
        },
        says: /^the variables offer/,
      },
    ],
  },
  {
    board: 'overview',
    situation: 'healthy',
    faults: [
      {
        rule: 'allThere',
        plant: (board) => {
          board.panels = board.panels.slice(-6, -2);
        },
        says: /^panels are missing/,
      },
      {
        rule: 'healthyQuiet',
        plant: spoil(TABLE, ({ fieldConfig }) => {
          fieldConfig.overrides.push({
            matcher: { id: 'byName', options: 'Trend' },
            properties: [{ id: 'mappings', value: [{ type: 'value', options: { 0: { text: 'warning' } } }] }],
          });
        }),
        says: /"warning" while all is well/,
      },
    ],
  },
  {
    board: 'overview',
    situation: 'two-chosen',
    faults: [
      {
        rule: 'chosenOnly',
        plant: spoil(TABLE, ({ targets }) => {
          for (const target of targets) target.expr = target.expr.replaceAll('$' + '{shown:pipe}', '.+');
        }),
        says: /rows for the chosen/,
      },
    ],
  },
  {
    board: 'environment',
    situation: 'narrow',
    faults: [
      {
        rule: 'textsFit',
        plant: spoil('Waiting', (tile) => {
          tile.title = 'Items that wait for somebody';
        }),
        says: /"Items that wait for somebody" does not fit/,
      },
      {
        rule: 'rowsWhole',
        plant: spoil('Back in the queue', ({ targets }) => {
          for (const target of targets) target.legendFormat = 'a name that is much too long for a third of the board';
        }),
        says: /^Back in the queue: of the row .* px wide/,
      },
      {
        rule: 'labelsWhole',
        plant: setCustom('Net flow', { axisWidth: 12 }),
        says: /^Net flow: the label .* is cut off/,
      },
      {
        rule: 'oneNotation',
        plant: setDefaults('Oldest item', { unit: 'dthms' }),
        says: /^Oldest item: the tick .* another notation of time/,
      },
      {
        rule: 'oneUnit',
        plant: setDefaults('Oldest heartbeat', { unit: 'suffix:s' }),
        says: /^Oldest heartbeat: seconds beside minutes/,
      },
    ],
  },
  {
    board: 'exporter',
    situation: 'api-down',
    faults: [
      {
        rule: 'failingFirst',
        plant: sortUpwards('Reads, failing ones first', 'Last read', true),
        says: /the first row is not a failing read/,
      },
    ],
  },
];

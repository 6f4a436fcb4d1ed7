import { describe, expect, it } from 'vitest';
import type { Drawing } from '../../draw/drawing.ts';
import { DRAWING_RULES, judge } from '../../draw/judge.ts';
import { SPOILT_BOARDS } from '../../draw/planted-faults.ts';
import { SITUATIONS } from '../../draw/situations.ts';
import { THE_STAR } from './support/incident/timetable.ts';

/** What the page would say of a sound board in every situation; `draw/run.ts --prove` draws boards that are not. */
const QUIET = ['sandbox', 'empty', '0 s'];
const ROWS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  healthy: [QUIET, ['code-review', 'empty', '0 s']],
  noWorkers: [[THE_STAR, 'no workers', '43.9 mins'], QUIET],
  apiDown: [['checkout-agents', 'not visible', '–'], QUIET],
  empty: [QUIET, ['code-review', 'empty', '0 s']],
};
const WAIT: Readonly<Record<string, string>> = {
  healthy: 'sandbox 20 s',
  noWorkers: `${THE_STAR} 43.9 mins`,
  apiDown: 'visible queues 0 s',
  empty: 'all queues empty',
};

const situationNamed = (name: string) => SITUATIONS.find((one) => one.name === name)!;

function sound(name: string): Drawing {
  const { phase, environments } = situationNamed(name);
  const read = [phase === 'apiDown' ? 'failing' : 'ok', 'list'];
  return {
    panels: Array.from({ length: 6 }, (_, id) => ({
      id: `${id}`,
      title: `Panel ${id}`,
      type: 'stat',
      state: 'Done',
      error: null,
      series: [],
    })),
    variables: { environment: environments, job: 1 },
    queries: [],
    clipped: [],
    cut: [],
    beyond: [],
    drawn: [label('10 mins'), label('09:30')],
    links: ['/d/board?var-environment=env_1', '/d/board?var-environment=All&x=1'],
    tables: {
      'Environments, worst first': [['Environment', 'Status', 'Oldest'], ...ROWS[phase]!],
      'Reads, failing ones first': [['Last read', 'Read'], read],
    },
    texts: { 'Worst wait': WAIT[phase]! },
    problems: [],
    height: 900,
  };
}

function label(text: string, place: object = {}) {
  return { panel: 'A chart', text, left: 10, right: 40, top: 10, bottom: 20, width: 400, height: 200, ...place };
}

const spoilt = (name: string, part: Partial<Drawing>): Drawing => ({ ...sound(name), ...part });
const withRows = (name: string, ...rows: readonly (readonly string[])[]) =>
  spoilt(name, { tables: { ...sound(name).tables, 'Environments, worst first': [['Environment'], ...rows] } });
const withLabel = (text: string, place?: object) => spoilt('incident', { drawn: [label(text, place)] });
const panels = sound('incident').panels;
const row = { panel: 'A chart', text: 'support-triage', size: 24 };

interface Fault {
  readonly rule: keyof typeof DRAWING_RULES;
  readonly fault: string;
  readonly drawing: Drawing;
  readonly board?: string;
  readonly situation?: string;
}

const FAULTS: readonly Fault[] = [
  { rule: 'noProblems', fault: 'a failed request', drawing: spoilt('incident', { problems: ['400: /api'] }) },
  {
    rule: 'allAnswered',
    fault: 'an error',
    drawing: spoilt('incident', { panels: panels.map((panel) => ({ ...panel, state: 'Error', error: 'no' })) }),
  },
  { rule: 'allThere', fault: 'few panels', drawing: spoilt('incident', { panels: panels.slice(0, 4) }) },
  {
    rule: 'textsFit',
    fault: 'a cut cell',
    drawing: spoilt('incident', { clipped: [{ panel: 'A table', text: 'no workers' }] }),
  },
  {
    rule: 'textsFit',
    fault: 'a cut title on a narrow screen',
    situation: 'narrow',
    drawing: spoilt('narrow', { clipped: [{ panel: 'Panel 1', text: 'Panel 1' }] }),
  },
  {
    rule: 'rowsWhole',
    fault: 'half a row',
    drawing: spoilt('incident', { cut: [{ ...row, direction: 'high', seen: 12 }] }),
  },
  {
    rule: 'rowsWhole',
    fault: 'a row wider than its legend',
    drawing: spoilt('incident', { cut: [{ ...row, direction: 'wide', seen: 12 }] }),
  },
  {
    rule: 'columnsWhole',
    fault: 'a column beyond its table',
    drawing: spoilt('incident', { beyond: [{ panel: 'A table', text: 'Budget' }] }),
  },
  { rule: 'labelsWhole', fault: 'cut on the left', drawing: withLabel('100', { left: -4 }) },
  { rule: 'labelsWhole', fault: 'cut on the right', drawing: withLabel('100', { right: 404 }) },
  { rule: 'labelsWhole', fault: 'cut above', drawing: withLabel('100', { top: -4 }) },
  { rule: 'labelsWhole', fault: 'cut below', drawing: withLabel('100', { bottom: 204 }) },
  { rule: 'roundTicks', fault: 'a fraction', drawing: withLabel('16.7 mins') },
  { rule: 'oneNotation', fault: 'hours as a clock', drawing: withLabel('00:16:40') },
  { rule: 'oneUnit', fault: 'seconds', board: 'environment', drawing: withLabel('120 s') },
  {
    rule: 'variablesOffer',
    fault: 'an environment too few',
    drawing: spoilt('incident', { variables: { environment: 5, job: 1 } }),
  },
  { rule: 'variablesOffer', fault: 'no job', drawing: spoilt('incident', { variables: { environment: 6, job: 0 } }) },
  { rule: 'linksFilled', fault: 'a placeholder', drawing: spoilt('incident', { links: ['/d/x?a=$' + '{b}'] }) },
  { rule: 'linksFilled', fault: 'nobody', drawing: spoilt('incident', { links: ['/d/x?var-environment=&a=1'] }) },
  { rule: 'worstFirst', fault: 'another first', drawing: withRows('incident', QUIET, ROWS.noWorkers![0]!) },
  { rule: 'worstFirst', fault: 'nobody named', drawing: spoilt('incident', { texts: { 'Worst wait': '43.9 mins' } }) },
  { rule: 'worstFirst', fault: 'blind ones last', situation: 'api-down', drawing: withRows('api-down', QUIET) },
  {
    rule: 'worstFirst',
    fault: 'a blind one in a healthy fleet',
    situation: 'healthy',
    drawing: withRows('healthy', ['sandbox', 'not visible']),
  },
  { rule: 'worstFirst', fault: 'no row', situation: 'healthy', drawing: withRows('healthy') },
  {
    rule: 'emptySaid',
    fault: 'zero',
    situation: 'empty',
    drawing: spoilt('empty', { texts: { 'Worst wait': '0 s' } }),
  },
  {
    rule: 'chosenOnly',
    fault: 'a third row',
    situation: 'two-chosen',
    drawing: withRows('two-chosen', ...ROWS.noWorkers!, QUIET),
  },
  {
    rule: 'failingFirst',
    fault: 'a good read first',
    board: 'exporter',
    situation: 'api-down',
    drawing: spoilt('api-down', { tables: { 'Reads, failing ones first': [['Last read'], ['ok'], ['failing']] } }),
  },
  {
    rule: 'healthyQuiet',
    fault: 'a warning',
    board: 'exporter',
    situation: 'healthy',
    drawing: spoilt('healthy', { tables: { Credentials: [['State'], ['refused']] } }),
  },
];

describe('the judge of drawn boards', () => {
  it.each(['overview', 'environment', 'slo', 'exporter'])('finds nothing wrong with a sound %s', (board) => {
    for (const situation of SITUATIONS)
      expect(judge(board, situation, sound(situation.name)), situation.name).toEqual([]);
  });

  it.each(FAULTS.map((one) => [one.rule, one.fault, one] as const))(
    'sees by %s: %s',
    (rule, _, { drawing, board = 'overview', situation = 'incident' }) => {
      const judged = { board, situation: situationNamed(situation), drawing };
      expect(DRAWING_RULES[rule](judged)).not.toEqual([]);
      expect(judge(board, judged.situation, drawing)).toEqual(expect.arrayContaining([...DRAWING_RULES[rule](judged)]));
    },
  );

  it('has a planted fault for every rule, here and in a board that is drawn', () => {
    const rules = Object.keys(DRAWING_RULES).sort();
    expect([...new Set(FAULTS.map(({ rule }) => rule))].sort()).toEqual(rules);
    const drawn = SPOILT_BOARDS.flatMap(({ faults }) => faults.map(({ rule }) => rule));
    expect([...new Set(drawn)].sort()).toEqual(rules);
  });
});

import { THE_STAR } from '../test/dashboards/support/incident/timetable.ts';
import type { Drawing } from './drawing.ts';
import type { Situation } from './situations.ts';

/** The least width that a board is made for; on a narrower screen one scrolls tables sideways. */
const WHOLE_WIDTH = 1200;

interface Judged {
  readonly board: string;
  readonly situation: Situation;
  readonly drawing: Drawing;
}
type Rule = (judged: Judged) => readonly string[];

const expect = (holds: boolean, fault: string) => (holds ? [] : [fault]);
const isWide = ({ width = 1600 }: Situation) => width >= WHOLE_WIDTH;
const onBoard =
  (name: string, rule: Rule): Rule =>
  (judged) =>
    judged.board === name ? rule(judged) : [];

const noProblems: Rule = ({ drawing }) => drawing.problems;

const allAnswered: Rule = ({ drawing: { panels } }) =>
  panels.flatMap(({ title, state, error }) =>
    expect(state === 'Done' && error === null, `${title}: ${state} ${error}`),
  );

const allThere: Rule = ({ drawing: { panels } }) => expect(panels.length >= 5, 'panels are missing');

/** All must be read whole; on a narrow screen the titles. */
const textsFit: Rule = ({ situation, drawing: { clipped, panels } }) =>
  clipped
    .filter(({ text }) => isWide(situation) || panels.some(({ title }) => title === text))
    .map(({ panel, text }) => `${panel}: "${text}" does not fit`);

/** A row of a legend or a table is seen whole, or one scrolls to it. */
const rowsWhole: Rule = ({ drawing: { cut } }) =>
  cut.map(
    ({ panel, text, direction, size, seen }) =>
      `${panel}: of the row "${text}", ${size} px ${direction}, ${seen} px are seen`,
  );

const columnsWhole: Rule = ({ situation, drawing: { beyond } }) =>
  isWide(situation) ? beyond.map(({ panel, text }) => `${panel}: the column "${text}" is cut off`) : [];

const labelsWhole: Rule = ({ drawing: { drawn } }) =>
  drawn.flatMap(({ panel, text, left, right, top, bottom, width, height }) =>
    expect(
      left >= -1 && top >= -1 && right <= width + 1 && bottom <= height + 1,
      `${panel}: the label "${text}" is cut off`,
    ),
  );

const roundTicks: Rule = ({ drawing: { drawn } }) =>
  drawn.flatMap(({ panel, text }) => expect(!/\d[.,]\d/.test(text), `${panel}: the tick "${text}" is no round number`));

const oneNotation: Rule = ({ drawing: { drawn } }) =>
  drawn.flatMap(({ panel, text }) =>
    expect(!/^\d{2}:\d{2}:\d{2}$/.test(text), `${panel}: the tick "${text}" is another notation of time`),
  );

/** Charts of one board count time in one unit, but for what takes milliseconds. */
const oneUnit: Rule = ({ board, drawing: { drawn } }) => {
  const inSeconds = drawn.filter(({ text }) => / s$/.test(text)).map(({ panel }) => panel);
  return board === 'environment' ? [...new Set(inSeconds)].map((panel) => `${panel}: seconds beside minutes`) : [];
};

const variablesOffer: Rule = ({ situation: { environments }, drawing: { variables } }) =>
  expect(
    variables.environment === environments && variables.job === 1,
    `the variables offer ${JSON.stringify(variables)}`,
  );

/** After Grafana filled in the values, nothing may be left of a placeholder. */
const linksFilled: Rule = ({ drawing: { links } }) =>
  links.filter((link) => /\$\{|undefined|var-environment=(?!env_|All&)/.test(link)).map((link) => `link: ${link}`);

const environments = ({ tables }: Drawing) => tables['Environments, worst first'] ?? [];
const firstRow = (drawing: Drawing) => environments(drawing)[1]?.join(' ') ?? '';

const worstFirst = onBoard('overview', ({ situation: { phase }, drawing }) => {
  const [wait, first] = [drawing.texts['Worst wait'] ?? '', firstRow(drawing)];
  if (phase === 'noWorkers')
    return [
      ...expect(wait.includes(THE_STAR), `the longest wait does not say whose it is: ${wait}`),
      ...expect(first.includes(THE_STAR) && first.includes('no workers'), `the first row is not the worst: ${first}`),
    ];
  if (phase === 'apiDown') return expect(first.includes('not visible'), `the first row is not blind: ${first}`);
  return expect(first !== '' && !first.includes('not visible'), `a healthy environment is called blind: ${first}`);
});

const emptySaid = onBoard('overview', ({ situation: { phase }, drawing: { texts } }) => {
  const wait = texts['Worst wait'] ?? '';
  return expect(phase !== 'empty' || wait.includes('empty'), `an empty queue does not say so: ${wait}`);
});

const chosenOnly = onBoard('overview', ({ situation: { chosen }, drawing }) => {
  const rows = environments(drawing).length - 1;
  return expect(chosen === undefined || rows === chosen.length, `${rows} rows for the chosen`);
});

const failingFirst = onBoard('exporter', ({ situation: { phase }, drawing: { tables } }) => {
  const first = tables['Reads, failing ones first']?.[1]?.join(' ') ?? '';
  return expect(phase !== 'apiDown' || first.includes('failing'), `the first row is not a failing read: ${first}`);
});

/** While all is well, no tile, no table and no timeline has a word of trouble. */
const healthyQuiet: Rule = ({ situation: { phase }, drawing: { tables } }) => {
  if (phase !== 'healthy' && phase !== 'empty') return [];
  const cells = Object.entries(tables).flatMap(([panel, rows]) => rows.flat().map((text) => ({ panel, text })));
  return cells
    .filter(({ text }) => /^(critical|warning|no workers|not visible|failing|refused|down|differs)$/.test(text))
    .map(({ panel, text }) => `${panel}: "${text}" while all is well`);
};

export const DRAWING_RULES = {
  noProblems,
  allAnswered,
  allThere,
  textsFit,
  rowsWhole,
  columnsWhole,
  labelsWhole,
  roundTicks,
  oneNotation,
  oneUnit,
  variablesOffer,
  linksFilled,
  worstFirst,
  emptySaid,
  chosenOnly,
  failingFirst,
  healthyQuiet,
} as const satisfies Record<string, Rule>;

/** What is wrong with a drawing, in words: judged by what the page says, not by pixels. */
export function judge(board: string, situation: Situation, drawing: Drawing): string[] {
  return Object.values(DRAWING_RULES).flatMap((rule) => rule({ board, situation, drawing }));
}

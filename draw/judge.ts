import { THE_STAR } from '../test/dashboards/support/incident/timetable.ts';
import type { Drawing } from './draw-board.ts';
import type { Situation } from './situations.ts';

/** What is wrong with a drawing, in words: judged by what the page says, not by pixels. */
export function judge(board: string, situation: Situation, drawing: Drawing): string[] {
  return [
    ...drawing.problems,
    ...drawing.panels.flatMap(({ title, state, error }) =>
      state === 'Done' && error === null ? [] : [`${title}: ${state} ${error}`],
    ),
    ...(drawing.panels.length < 5 ? ['panels are missing'] : []),
    ...clippedTexts(situation, drawing),
    ...cutRows(drawing),
    ...cutColumns(situation, drawing),
    ...axisFaults(drawing),
    ...wrongVariables(situation, drawing),
    ...brokenLinks(drawing),
    ...(board === 'overview' ? overviewFaults(situation, drawing) : []),
    ...(board === 'exporter' ? exporterFaults(situation, drawing) : []),
  ];
}

/** All must be read whole; on a narrow screen the titles, while one scrolls tables sideways. */
function clippedTexts({ width = 1600 }: Situation, { clipped, panels }: Drawing): string[] {
  const isTitle = (text: string) => panels.some(({ title }) => title === text);
  return clipped
    .filter(({ text }) => width >= 1200 || isTitle(text))
    .map(({ panel, text }) => `${panel}: "${text}" does not fit`);
}

/** A row of a legend or a table is seen whole, or one scrolls to it. */
function cutRows({ cut }: Drawing): string[] {
  return cut.map(
    ({ panel, text, height, seen }) => `${panel}: of the row "${text}", ${height} px high, ${seen} px are seen`,
  );
}

/** A table is as wide as its columns; only on a narrow screen one scrolls it sideways. */
function cutColumns({ width = 1600 }: Situation, { beyond }: Drawing): string[] {
  return width < 1200 ? [] : beyond.map(({ panel, text }) => `${panel}: the column "${text}" is cut off`);
}

/** Labels of axes are drawn whole, and the ticks of numbers are round. */
function axisFaults({ drawn }: Drawing): string[] {
  return drawn.flatMap(({ panel, text, left, right, top, bottom, width, height }) => [
    ...(left < -1 || top < -1 || right > width + 1 || bottom > height + 1
      ? [`${panel}: the label "${text}" is cut off`]
      : []),
    ...(/\d[.,]\d/.test(text) ? [`${panel}: the tick "${text}" is no round number`] : []),
    ...(/^\d{2}:\d{2}:\d{2}$/.test(text) ? [`${panel}: the tick "${text}" is another notation of time`] : []),
  ]);
}

function wrongVariables({ environments }: Situation, { variables }: Drawing): string[] {
  return variables.environment === environments && variables.job === 1
    ? []
    : [`the variables offer ${JSON.stringify(variables)}`];
}

/** After Grafana filled in the values, nothing may be left of a placeholder. */
function brokenLinks({ links }: Drawing): string[] {
  return links
    .filter((link) => /\$\{|undefined|var-environment=(?!env_|All&)/.test(link))
    .map((link) => `link: ${link}`);
}

function overviewFaults({ name, chosen }: Situation, { texts, tables }: Drawing): string[] {
  const wait = texts['Worst wait'] ?? '';
  const rows = tables['Environments, worst first'] ?? [];
  const first = rows[1]?.join(' ') ?? '';
  const expect = (holds: boolean, fault: string) => (holds ? [] : [fault]);
  const incident = ['incident', 'two-chosen', 'narrow', 'light', 'fleet-of-25'].includes(name);
  if (incident) {
    return [
      ...expect(wait.includes(THE_STAR), `the longest wait does not say whose it is: ${wait}`),
      ...expect(first.includes(THE_STAR) && first.includes('no workers'), `the first row is not the worst: ${first}`),
      ...expect(chosen === undefined || rows.length === chosen.length + 1, `${rows.length - 1} rows for the chosen`),
    ];
  }
  if (name === 'api-down') return expect(first.includes('not visible'), `the first row is not blind: ${first}`);
  if (name === 'empty') return expect(wait.includes('empty'), `an empty queue does not say so: ${wait}`);
  return expect(!first.includes('not visible'), `a healthy environment is called blind: ${first}`);
}

function exporterFaults({ name }: Situation, { tables }: Drawing): string[] {
  const first = tables['Reads, failing ones first']?.[1]?.join(' ') ?? '';
  return name === 'api-down' && !first.includes('failing') ? [`the first row is not a failing read: ${first}`] : [];
}

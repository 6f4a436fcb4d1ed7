import { RECORDED } from '../../../src/rules/parts/recorded.ts';
import { during, step } from '../support/lines.ts';
import type { Row, RuleTable } from '../support/rule-table.ts';
import { JOB, type Series } from '../support/series.ts';

/** Refusals of the key of another environment. */
const refusedOf = (id: string, name: string): Series => ({
  name,
  labels: { job: JOB, environment_id: id, environment_name: 'x', operation: 'stats', reason: 'forbidden' },
  line: 2,
});
/** Another environment of a connection, unread for a reason of its own, so that this page is none of its. */
const otherOf = (connection: string, id: string, record: 'notVisible' | 'perhapsNotVisible'): readonly Series[] => [
  { ...refusedOf(id, RECORDED[record]), labels: { job: JOB, connection, environment_id: id, environment_name: 'x' } },
  refusedOf(id, RECORDED.readsFailing),
];
/** Of how many environments of its connection, how many others are unread, and whether the page waits for theirs. */
const BESIDE_OTHERS = [
  [2, 1, true],
  [3, 1, true],
  [4, 1, false],
  [4, 2, true],
  [7, 2, true],
] as const;
const DELETED = ['not_found', 'not_self_hosted'] as const;
const SHORT = 'of four, with two others, for a short time';
const PAGED = 'of four, with two others from the minute 10 on';
const KEYS = 'of four, with two others, whose keys are refused';
/** @param until the minute at which it has waited for long enough */
const besideOthers = (record: 'notVisible' | 'perhapsNotVisible', until: number): RuleTable => {
  const nameOf = (read: number, others: number) => `of ${read}, with ${others} others (${record})`;
  const two = (name: string) => [0, 1].flatMap((number) => otherOf(name, `${name} ${number}`, record));
  return {
    rule: 'AnthropicWorkEnvironmentNotVisible critical',
    about: 'environment with its connection',
    until: 30,
    given: {
      recorded: {
        notVisible: during(5, 20, [null, 1]),
        perhapsNotVisible: during(5, 20, [null, 1]),
        environmentsRead: 4,
      },
    },
    process: [
      ...BESIDE_OTHERS.flatMap(([read, others]) =>
        Array.from({ length: others }, (_, number) =>
          otherOf(nameOf(read, others), `${nameOf(read, others)} ${number}`, record),
        ).flat(),
      ),
      ...[SHORT, KEYS, ...DELETED].flatMap(two),
      ...two(PAGED).map((one) => ({ ...one, line: step(10, null, one.line) })),
      ...[0, 1].map((number) => refusedOf(`${KEYS} ${number}`, RECORDED.namedFailures)),
      ...DELETED.flatMap((reason) =>
        [0, 1].map((number) => {
          const one = refusedOf(`${reason} ${number}`, RECORDED.readsFailing);
          return { ...one, labels: { ...one.labels, reason } };
        }),
      ),
    ],
    rows: [
      ...BESIDE_OTHERS.map(
        ([read, others, waits]): Row => [
          nameOf(read, others),
          { recorded: { environmentsRead: read } },
          { fires: [[waits ? until : 8, 21]] },
        ],
      ),
      [SHORT, { recorded: { notVisible: during(5, until - 2, [null, 1]) } }, null],
      [PAGED, {}, { fires: [[8, 21]] }],
      [KEYS, {}, { fires: [[8, 21]] }],
      // That they are not there is known once they count as unread, and the other record is without them.
      ...DELETED.map((reason): Row => [reason, {}, { fires: [[record === 'notVisible' ? 8 : until, 21]] }]),
    ],
  };
};

/** One environment cannot be read, and others of its connection perhaps cannot either, or are known not to be. */
export const BESIDE_OTHERS_TABLES: readonly RuleTable[] = [
  besideOthers('perhapsNotVisible', 11),
  besideOthers('notVisible', 14),
];

import type { Reasons } from './judge.ts';

const TABLE = 'a table, read row by row';
const ONE_ROUTE = 'a route of the server, one file each as all of them';
const ONE_COMMAND = 'a command, one file each as all of them';

const BOARD_ROW = 'the panels of a row of a board';
const SUBJECT = 'the name says what it is about, its functions what they find out or do';

/** Why each of these is as it is. Whoever adds a line thinks about the file first. */
export const REASONS: Reasons = {
  long: {
    'src/dashboards/exporter/exporter-tables.ts': TABLE,
    'src/dashboards/slo/slo.ts': TABLE,
  },
  short: {
    'src/cli/schema.ts': ONE_COMMAND,
    'src/server/health-routes.ts': ONE_ROUTE,
  },
  'file-name': {
    'src/cli/command/exit-code.ts': SUBJECT,
    'src/cli/command/version.ts': SUBJECT,
    'src/client/impossible-call.ts': SUBJECT,
    'src/client/read-body.ts': SUBJECT,
    'src/config/yaml-position.ts': SUBJECT,
    'src/dashboards/environment/environment-progress.ts': BOARD_ROW,
    'src/dashboards/environment/environment-work.ts': BOARD_ROW,
    'src/dashboards/parts/ages.ts': SUBJECT,
    'src/dashboards/parts/partial.ts': SUBJECT,
    'src/domain/request-budget.ts': SUBJECT,
    'src/metrics/self/self-text.ts': SUBJECT,
    'src/poller/poll-result.ts': SUBJECT,
    'src/scan/live-workers.ts': SUBJECT,
    'src/state/item-age.ts': SUBJECT,
    'src/statefile/port.ts': 'the port, in the words of the architecture, and what stands behind it',
  },
};

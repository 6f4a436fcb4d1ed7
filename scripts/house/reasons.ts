import type { Reasons } from './judge.ts';

const ONE_ROUTE = 'a route; the server has one file per route';
const ONE_COMMAND = 'a command; the program has one file per command';

const BOARD_ROW = 'the panels of a row of a board';
const SUBJECT = 'the name says what it is about, and its exports say what they find out or do';

/** Why each of these is as it is. Before adding a line, consider changing the file. */
export const REASONS: Reasons = {
  short: {
    'src/app/cannot-confirm.ts': 'tests ask it without a whole App',
    'src/cli/schema.ts': ONE_COMMAND,
    'src/server/health-routes.ts': ONE_ROUTE,
    'src/server/reload-route.ts': ONE_ROUTE,
  },
  'file-name': {
    'src/client/impossible-call.ts': SUBJECT,
    'src/dashboards/environment/environment-progress.ts': BOARD_ROW,
    'src/dashboards/environment/environment-work.ts': BOARD_ROW,
    'src/dashboards/expressions/ages.ts': SUBJECT,
    'src/dashboards/panels/partial.ts': SUBJECT,
    'src/domain/request-budget.ts': SUBJECT,
    'src/statefile/port.ts': 'the port, as the design pages call it, and its implementation',
  },
};

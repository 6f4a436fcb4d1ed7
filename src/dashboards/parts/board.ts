import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { annotations, type Marks } from './annotations.ts';
import { asJson, type BoardRow, layOut } from './layout.ts';
import { type Opening, variables } from './variables.ts';

/** The boards find each other by this tag. */
const TAG = 'anthropic-work-exporter';

export interface BoardText {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** The default time range of the board begins here. */
  readonly from: string;
  readonly rows: readonly BoardRow[];
  readonly marks: Marks;
  readonly opensOn: Opening;
}

/** A dashboard with what all four share: variables, links, annotations, a stable uid, not editable in place. */
export function board({ uid, title, description, from, rows, marks, opensOn }: BoardText): Dashboard {
  const built = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from, to: 'now' })
    .refresh('1m')
    .timezone('utc')
    .variables(variables(opensOn))
    .annotations(annotations(marks))
    .link(
      new DashboardLinkBuilder('Work queues')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .build();
  return finish({ ...built, panels: layOut(rows) });
}

/** The SDK puts links and annotations into a menu where newer Grafanas hide them, and returns its live object. */
function finish(dashboard: Dashboard): Dashboard {
  const copy = asJson(dashboard);
  for (const shown of [...(copy.links ?? []), ...(copy.annotations?.list ?? [])]) delete shown.placement;
  return copy;
}

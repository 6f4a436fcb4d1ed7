import { expect, it } from 'vitest';
import { Receiver } from '../e2e/alerting/receiver.ts';
import { waitUntil } from '../support/wait-until.ts';
import { exampleWith, startAlertmanager } from './alertmanager-process.ts';

type Labels = Readonly<Record<string, string>>;
interface Route {
  group_wait?: string;
  group_interval?: string;
  receiver?: string;
  matchers?: string[];
  continue?: boolean;
  routes?: Route[];
}

const PLACE = { job: 'work', environment_id: 'e' };
const TICKET: Labels = { alertname: 'AnthropicWorkOldestItemTooOld', severity: 'warning', ...PLACE };
const PAGE: Labels = { alertname: 'AnthropicWorkNoWorkers', severity: 'critical', ...PLACE };

function quicken(route: Route): void {
  Object.assign(route, { group_wait: '50ms', group_interval: '500ms' });
  for (const child of route.routes ?? []) quicken(child);
}

/** What docs/alerting.md#what-alertmanager-mutes says. */
function pagesAlsoIn(chat: string, routes: readonly Route[]): void {
  for (const route of routes.filter((one) => one.receiver === 'pager')) route.continue = true;
  const tickets = routes.find((one) => one.receiver === chat)!;
  tickets.matchers = tickets.matchers!.map((one) =>
    one.replace('severity = warning', 'severity =~ "critical|warning"'),
  );
}

it('where chat gets the pages, too, a ticket that ended while a page muted it is told when it fires again', async () => {
  await using receiver = new Receiver({ now: () => 0 });
  const url = await receiver.listen();
  const example = await exampleWith(({ route, receivers }) => {
    quicken(route);
    pagesAlsoIn('chat', route.routes);
    for (const { webhook_configs: hooks = [] } of receivers) for (const hook of hooks) hook.url = url;
  });
  await using alertmanager = await startAlertmanager(example);
  const post = async (labels: Labels, endsAt?: Date) => {
    const body = JSON.stringify([{ labels, startsAt: new Date(Date.now() - 60_000), ...(endsAt && { endsAt }) }]);
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${alertmanager.url}/api/v2/alerts`, { method: 'POST', headers, body })).status).toBe(200);
  };
  const inChat = () => receiver.told.filter((one) => one.receiver === 'chat');
  const lastInChat = (labels: Labels, firing: boolean) =>
    waitUntil(
      () =>
        inChat()
          .at(-1)
          ?.alerts.some((one) => one.name.startsWith(labels.alertname!) && one.firing === firing) ?? false,
      { what: `chat to hear of ${labels.alertname}, firing ${firing}` },
    );

  await post(TICKET);
  await lastInChat(TICKET, true);
  await post(PAGE);
  await lastInChat(PAGE, true);
  await post(TICKET, new Date());
  await post(PAGE, new Date());
  await lastInChat(PAGE, false);
  expect(inChat().at(-1)!.status).toBe('resolved');
  await post(TICKET);
  await lastInChat(TICKET, true);
  // The pager hears of pages alone, as before.
  const paged = receiver.told.filter((one) => one.receiver === 'pager').flatMap(({ alerts }) => alerts);
  expect(new Set(paged.map(({ name }) => name))).toEqual(new Set(['AnthropicWorkNoWorkers critical']));
});

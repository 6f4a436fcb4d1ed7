import { describe, expect, it } from 'vitest';
import { Receiver } from '../e2e/alerting/receiver.ts';
import { waitUntil } from '../support/wait-until.ts';
import { exampleWith, type Program, startAlertmanager } from './alertmanager-process.ts';

type Labels = Readonly<Record<string, string>>;

const page = (name: string, labels: Labels = {}): Labels => ({
  ...{ alertname: `AnthropicWork${name}`, severity: 'critical', job: 'work', ...labels },
});
const TOLD = ['NoWorkers', 'LeasesLapsing'].flatMap((name) =>
  ['e', 'f'].map((id) => page(name, { environment_id: id, told_by: `AnthropicWork${name}Anywhere` })),
);

/** An Alertmanager that has heard of nothing yet, with the shipped routing. */
async function play(act: (post: (labels: readonly Labels[]) => Promise<void>, receiver: Receiver) => Promise<void>) {
  await using receiver = new Receiver({ now: () => 0 });
  const url = await receiver.listen();
  await using alertmanager = await startAlertmanager(
    await exampleWith(({ receivers }) => {
      for (const { webhook_configs: hooks = [] } of receivers) for (const hook of hooks) hook.url = url;
    }),
  );
  await act((labels) => post(alertmanager, labels), receiver);
}

/** Alerts that have fired for an hour, so that none waits for its group; until Alertmanager has dealt with them. */
async function post({ url }: Program, labels: readonly Labels[]): Promise<void> {
  const startsAt = new Date(Date.now() - 3_600_000).toISOString();
  const body = JSON.stringify(labels.map((one) => ({ labels: one, startsAt })));
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body })).status).toBe(200);
  const isDone = async () => {
    const known = (await (await fetch(`${url}/api/v2/alerts`)).json()) as { status: { state: string } }[];
    return known.every(({ status }) => status.state !== 'unprocessed');
  };
  await waitUntil(isDone, { what: 'every alert to be processed', everyMs: 50 });
}

const pagesOf = ({ told }: Receiver) =>
  told.flatMap(({ receiver, alerts }) => alerts.map(({ name }) => `${receiver}: ${name}`));

describe('pages in an Alertmanager that was just started', () => {
  it('no page of an environment rings of which a page about many tells, although it arrives before that', async () => {
    await play(async (post, receiver) => {
      await post(TOLD);
      // Told where they are told by themselves.
      await post([page('NoWorkers', { environment_id: 'g' })]);
      await waitUntil(() => receiver.told.length > 0, { what: 'a page' });
      await post([page('NoWorkersAnywhere'), page('LeasesLapsingAnywhere')]);
      await waitUntil(() => receiver.told.length > 2, { what: 'the pages about many' });
      expect(pagesOf(receiver).toSorted()).toEqual([
        'pager: AnthropicWorkLeasesLapsingAnywhere critical',
        'pager: AnthropicWorkNoWorkers critical',
        'pager: AnthropicWorkNoWorkersAnywhere critical',
      ]);
    });
  });

  it('a page about the whole job rings beside another one, as its cause is another', async () => {
    await play(async (post, receiver) => {
      await post([page('NoWorkersAnywhere')]);
      await waitUntil(() => receiver.told.length > 0, { what: 'the first page' });
      await post([page('ExporterAbsent')]);
      await waitUntil(() => receiver.told.length > 1, { what: 'the second page' });
      expect(receiver.told.map(({ group, alerts }) => [group.alertname, alerts.length])).toEqual([
        ['AnthropicWorkNoWorkersAnywhere', 1],
        ['AnthropicWorkExporterAbsent', 1],
      ]);
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Receiver } from '../e2e/alerting/receiver.ts';
import { waitUntil } from '../support/wait-until.ts';
import { exampleWith, type Program, startAlertmanager } from './alertmanager-process.ts';

type Labels = Readonly<Record<string, string>>;

const alert = (name: string, labels: Labels): Labels => ({ alertname: `AnthropicWork${name}`, ...labels });
const page = (name: string, labels: Labels) => alert(name, { severity: 'critical', connection: 'c', ...labels });
const of = (environment_id: string) => ({ environment_id });

/** Each in a job of its own: what fires, what is silenced, who is told meanwhile, and who is once the silence has ended. */
const CASES: readonly {
  readonly name: string;
  readonly firing: readonly Labels[];
  readonly silenced: Labels;
  readonly told: readonly string[];
  readonly afterwards: readonly string[];
}[] = [
  {
    name: 'a silence of one environment is none of another, and its page comes when it ends',
    firing: [page('NoWorkers', of('e')), page('NoWorkers', of('f'))],
    silenced: of('e'),
    told: ['NoWorkers f'],
    afterwards: ['NoWorkers e'],
  },
  {
    name: 'a silenced page about many environments still mutes those of which it tells',
    firing: [
      alert('NoWorkersAnywhere', { severity: 'critical' }),
      page('NoWorkers', { ...of('e'), told_by: 'AnthropicWorkNoWorkersAnywhere' }),
      page('NoWorkers', of('f')),
    ],
    silenced: { alertname: 'AnthropicWorkNoWorkersAnywhere' },
    told: ['NoWorkers f'],
    afterwards: ['NoWorkersAnywhere'],
  },
  {
    name: 'what follows from a silenced page stays silent, and so it does when the silence ends',
    firing: [
      page('NoWorkers', of('e')),
      alert('Saturated', { severity: 'warning', ...of('e') }),
      page('LeasesLapsing', of('f')),
    ],
    silenced: { alertname: 'AnthropicWorkNoWorkers' },
    told: ['LeasesLapsing f'],
    afterwards: ['NoWorkers e'],
  },
];

describe('a silence in a real Alertmanager', () => {
  const receiver = new Receiver({ now: () => 0 });
  let alertmanager: Program;
  beforeAll(async () => {
    const url = await receiver.listen();
    alertmanager = await startAlertmanager(
      await exampleWith(({ route, receivers }) => {
        for (const one of route.routes) Object.assign(one, { group_wait: '100ms', group_interval: '200ms' });
        for (const { webhook_configs: hooks = [] } of receivers) for (const hook of hooks) hook.url = url;
      }),
    );
  });
  afterAll(async () => {
    await alertmanager?.[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
  });

  const api = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${alertmanager.url}/api/v2/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  /** In the order of arrival. */
  const toldOf = (job: string) =>
    receiver.told
      .filter(({ group }) => group.job === job)
      .flatMap(({ group, alerts }) =>
        alerts.map(({ name }) =>
          [name.replace('AnthropicWork', '').replace(/ \w+$/, ''), group.environment_id].filter(Boolean).join(' '),
        ),
      );

  it.each(CASES.map((one, number) => ({ ...one, job: `job-${number}` })))(
    '$name',
    async ({ firing, silenced, told, afterwards, job }) => {
      const hour = (from: number) => new Date(Date.now() + from * 3_600_000).toISOString();
      const silence = await api('POST', 'silences', {
        matchers: Object.entries({ job, ...silenced }).map(([name, value]) => ({
          ...{ name, value },
          ...{ isRegex: false, isEqual: true },
        })),
        ...{ startsAt: hour(0), endsAt: hour(1), createdBy: 'test', comment: 'test' },
      });
      const { silenceID } = (await silence.json()) as { silenceID: string };
      await api(
        'POST',
        'alerts',
        firing.map((labels) => ({ labels: { job, ...labels } })),
      );
      const isMuted = async () => {
        const all = (await (await api('GET', `alerts?filter=job="${job}"`)).json()) as { status: { state: string } }[];
        return all.filter(({ status }) => status.state === 'suppressed').length === firing.length - told.length;
      };
      await waitUntil(async () => toldOf(job).length > 0 && (await isMuted()), { what: 'the others to be told' });
      expect(toldOf(job)).toEqual(told);
      await api('DELETE', `silence/${silenceID}`);
      await waitUntil(() => toldOf(job).length > told.length, { what: 'the silenced to be told' });
      expect(toldOf(job)).toEqual([...told, ...afterwards]);
    },
  );
});

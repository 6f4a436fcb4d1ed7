import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { waitUntil } from '../support/wait-until.ts';
import { EXAMPLE, startAlertmanager } from './alertmanager-process.ts';
import { type Received, Receivers } from './receivers.ts';

const NAMES = ['slack', 'pagerduty', 'mail'] as const;
const SUMMARY = 'prod: no workers, 9 waiting, oldest 4m 0s (limit 5m 0s)';
const ALERT = {
  labels: { alertname: 'AnthropicWorkNoWorkers', environment_id: 'env_1', severity: 'critical' },
  annotations: { summary: SUMMARY, description: 'Start the workers.', runbook_url: 'https://wiki.test/x.md' },
  generatorURL: 'http://prometheus.test/graph?g0.expr=1',
};

/** The receivers that the template shows in its first lines, as one who copies them has them. */
function shownReceivers(keyFile: string): Record<string, object[]> {
  const text = readFileSync(new URL('anthropic-work.tmpl', EXAMPLE), 'utf8');
  const [, shown] = /In a receiver:\n\n([\s\S]*?)\n\n {2}\S/.exec(text)!;
  return parse(shown!.replaceAll(/^ {4}/gm, '').replace('FILE', keyFile).replace('ADDRESS', 'oncall@mail.test'));
}

/** What somebody sees of a notification who has not opened it: the one line on a phone, or in a list. */
function lineOf({ to, text }: Received): string {
  if (to === 'mail') return /^Subject: (.*)$/m.exec(text)![1]!;
  const body = JSON.parse(text);
  return to === 'slack' ? body.attachments[0].fallback : body.payload.summary;
}

it('the receivers that the template shows tell the cause before they are opened, what to do inside, and the end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'receivers-'));
  try {
    const keyFile = join(folder, 'key');
    writeFileSync(keyFile, '0123456789abcdef0123456789abcdef');
    await using receivers = new Receivers();
    const global = { ...(await receivers.listen()), resolve_timeout: '5m' };
    const route = { receiver: 'all', group_wait: '0s', group_interval: '1s' };
    const configuration = { global, route, receivers: [{ name: 'all', ...shownReceivers(keyFile) }] };
    await using alertmanager = await startAlertmanager(
      stringify({ ...configuration, templates: ['anthropic-work.tmpl'] }),
    );
    const send = async (times: object) => {
      const body = JSON.stringify([{ ...ALERT, ...times }]);
      const headers = { 'content-type': 'application/json' };
      expect((await fetch(`${alertmanager.url}/api/v2/alerts`, { method: 'POST', headers, body })).status).toBe(200);
    };
    const of = (name: string) => receivers.received.filter(({ to }) => to === name);
    const told = async (times: number) => {
      await waitUntil(() => NAMES.every((name) => of(name).length >= times), {
        what: `${times} notifications of each`,
      });
    };

    await send({});
    await told(1);
    for (const name of NAMES) {
      const [first] = of(name);
      expect(lineOf(first!), name).toBe(SUMMARY);
      const inside = first!.text.replaceAll('=\n', '');
      expect(inside, name).toContain('Start the workers.');
      expect(inside, name).toContain('https://wiki.test/x.md');
      // What Alertmanager would say by itself.
      expect(inside, name).not.toMatch(/Labels:|AnthropicWorkNoWorkers|g0\.expr/);
    }
    await send({ endsAt: new Date(Date.now() - 1000).toISOString() });
    await told(2);
    expect(of('slack').map(lineOf)).toEqual([SUMMARY, `Over: ${SUMMARY}`]);
    expect(of('mail').map(lineOf)).toEqual([SUMMARY, `Over: ${SUMMARY}`]);
    for (const name of ['slack', 'mail']) expect(of(name)[1]!.text, name).not.toContain('Start the workers.');
    expect(JSON.parse(of('pagerduty')[1]!.text)).toMatchObject({ event_action: 'resolve' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a mail that its sender breaks off fails no other test', async () => {
  const errors: unknown[] = [];
  const note = (error: unknown) => void errors.push(error);
  process.on('uncaughtException', note);
  try {
    await using receivers = new Receivers();
    const { smtp_smarthost: address } = await receivers.listen();
    const sender = connect(Number(String(address).split(':')[1]), '127.0.0.1');
    await once(sender, 'data');
    sender.write('EHLO me\r\n');
    await once(sender, 'data');
    sender.resetAndDestroy();
    await once(sender, 'close');
  } finally {
    // Only when every connection has ended is the server closed.
    process.off('uncaughtException', note);
  }
  expect(errors).toEqual([]);
});

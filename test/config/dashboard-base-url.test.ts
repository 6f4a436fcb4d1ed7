import { expect, it } from 'vitest';
import { configOf, MINIMAL, problemsOf } from './support.ts';

const server = (url: string) => `${MINIMAL}\nserver: {dashboard_base_url: ${url}}`;

it.each([
  ['null', null],
  ['"https://grafana.example.com"', 'https://grafana.example.com'],
  ['"https://grafana.example.com/"', 'https://grafana.example.com'],
  ['"http://10.0.0.1:3000/grafana/"', 'http://10.0.0.1:3000/grafana'],
])('the address of Grafana may be %s', async (written, kept) => {
  expect((await configOf(server(written))).server.dashboardBaseUrl).toBe(kept);
});

it.each([
  ['"grafana.example.com"', 'is not a URL'],
  ['"javascript:alert(1)"', 'must begin with https:// or http://'],
  ['"https://user:hunter2@grafana.example.com"', 'must not hold a user name or password'],
  ['"https://grafana.example.com?auth_token=hunter2"', 'must not have a query or a fragment'],
  ['""', 'is not a URL'],
])('%s is no address of Grafana, and is not shown', async (written, problem) => {
  const problems = await problemsOf(server(written));
  expect(problems).toEqual([expect.stringContaining(`server.dashboard_base_url: ${problem}`)]);
  expect(problems.join()).toContain('; for example https://grafana.example.com');
  expect(problems.join()).not.toContain('hunter2');
});

import { expect, it } from 'vitest';
import { environmentsApi } from './environments-api.ts';
import { RunningApp } from './running-app.ts';

const CANARY = 'DISCOVEREDcanary';
const API_KEY = `sk-ant-api03-${'a'.repeat(40)}`;

/** Names that people have given environments in the Console, with a key in each. */
const NAMES: Readonly<Record<string, string>> = {
  'an API key': `sk-ant-api03-${CANARY}-abcdef`,
  'an environment key among words': `prod, key: sk-ant-oat01-${CANARY}0123 (ask Ann)`,
  'a token of Google': `ya29.${CANARY}0123`,
  'a token of GitHub': `ghp_${CANARY}0123456789`,
  'a JWT': `eyJhbGciOiJIUzI1.eyJ${CANARY}.abc`,
  'a random token': `Zk3vQ9xT7b${CANARY}m2LpRf8YhNc5JsDgUa4Eq`,
  'a key with line breaks around it': `prod\n sk-ant-oat01-${CANARY}0123\n`,
};

const KEPT = ['prod', 'eu-west-1 production (blue)', 'Team 4: nightly builds', 'a'.repeat(80)];

it('a discovered environment whose name has a key in it is shown under its id, everywhere', async () => {
  const environments = Object.values(NAMES).map((name, number) => ({ id: `env_${number}`, name }));
  await using api = await environmentsApi([...environments, ...KEPT.map((name, n) => ({ id: `env_kept_${n}`, name }))]);
  await using running = await RunningApp.start({
    api: { base_url: api.url, api_key: API_KEY },
    discovery: { enabled: true },
    log: { level: 'debug' },
  });
  await running.waitUntil(() => running.readSince('env_kept_0', 'stats') && running.readSince('env_0', 'stats'));
  const shown = await running.exposition();
  for (const name of KEPT) expect(shown).toContain(`environment_name="${name}"`);
  for (const { id } of environments) expect(shown).toContain(`environment_id="${id}",environment_name="${id}"`);
  const paths = ['/', '/-/ready', '/api/v1/environments', '/api/v1/sd', '/probe?environment_id=env_1'];
  const answers = await Promise.all(paths.map(async (path) => (await fetch(`${running.url}${path}`)).text()));
  for (const text of [shown, ...answers, JSON.stringify(running.log)]) expect(text).not.toContain(CANARY);
});

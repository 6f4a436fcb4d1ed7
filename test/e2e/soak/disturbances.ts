import { renameSync } from 'node:fs';
import type { Fault } from '../../../src/simulator/faults.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { Soak } from './soak.ts';

/** Each ends after two hits, so that a backoff stays short, and that no wrong date is believed. */
const FAULTS: readonly Fault[] = [
  { kind: 'reset' },
  { kind: 'truncate' },
  { kind: 'garbage' },
  { kind: 'status', status: 500 },
  { kind: 'no_oldest' },
  { kind: 'empty_page' },
  { kind: 'more_without_cursor' },
  { kind: 'cached', ageSeconds: 3600 },
  { kind: 'interim' },
  { kind: 'date_skew', seconds: 3600 },
  { kind: 'date_skew', seconds: -3600 },
];

/** Each lasts until every value has vanished. */
const OUTAGES: readonly Fault[] = [
  { kind: 'reset' },
  { kind: 'hang' },
  { kind: 'garbage' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 429, retryAfterSeconds: 20 },
  { kind: 'revoked' },
  { kind: 'cached', ageSeconds: 3600 },
];

/** What can happen in one step of a soak. Afterwards the exporter has to find back to the truth by itself. */
type Disturbance = (soak: Soak) => Promise<void>;

/** Those of seconds. */
export const QUICK_DISTURBANCES: Readonly<Record<string, Disturbance>> = {
  async fault({ api, random }) {
    api.fail({ ...oneOf(FAULTS, random), count: 2 });
  },
  async kill(soak) {
    await soak.end('SIGKILL');
    soak.api.enqueue(1);
    await soak.begin();
  },
  async rename(soak) {
    soak.configure({ name: `soaked ${Math.floor(soak.random() * 1e6)}` });
    await soak.reload();
  },
  async rotate(soak) {
    // A key that the API does not know, and the good one again.
    soak.writeKey('sk-ant-oat01-ROTATEDrotated');
    await soak.reload();
    soak.writeKey(soak.api.environment.environmentKey);
    await soak.reload();
  },
};

/** Those of up to minutes, too. */
export const DISTURBANCES: Readonly<Record<string, Disturbance>> = {
  ...QUICK_DISTURBANCES,
  async outage(soak) {
    soak.api.fail(oneOf(OUTAGES, soak.random));
    await soak.shows('nothing', ({ depth, oldestAge, queued }) => (depth ?? oldestAge ?? queued) === null);
    soak.api.fail();
  },
  async crashes(soak) {
    for (let n = 0; n < 4; n++) {
      soak.api.enqueue(1);
      await soak.api.work();
      // In the middle of whatever it does then.
      const requests = soak.api.requests.length + Math.floor(8 * soak.random());
      await waitUntil(() => soak.api.requests.length >= requests);
      await soak.end('SIGKILL');
      await soak.begin();
    }
  },
  async restart(soak) {
    await soak.end('SIGTERM');
    soak.api.enqueue(1);
    await soak.api.work();
    await soak.begin();
  },
  async leave(soak) {
    soak.configure({ left: true });
    await soak.reload();
    await soak.shows('nothing', ({ depth, queued }) => (depth ?? queued) === null);
    soak.api.enqueue(1);
    soak.configure({ left: false });
    await soak.reload();
  },
  async discover(soak) {
    soak.configure({ discovered: soak.random() < 0.7 });
    await soak.reload();
  },
  async loseStateFile(soak) {
    const elsewhere = `${soak.stateFolder}-elsewhere`;
    renameSync(soak.stateFolder, elsewhere);
    soak.api.enqueue(1);
    await soak.shows('that the state file cannot be written', ({ stateFileOk }) => stateFileOk === 0);
    await soak.settled();
    renameSync(elsewhere, soak.stateFolder);
    // The next write replaces what is there, which is out of date by now.
    soak.api.enqueue(1);
    await soak.shows('that the state file can be written', ({ stateFileOk }) => stateFileOk === 1);
  },
  /** The clock of the API moves on, as if both were set to different times. */
  async clock(soak) {
    soak.api.simulator.advance(Math.ceil(4000 * soak.random()));
  },
};

function oneOf<T>(all: readonly T[], random: () => number): T {
  return all[Math.floor(random() * all.length)]!;
}

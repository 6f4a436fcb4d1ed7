import { describe, expect, it } from 'vitest';
import { longRuns, longRunsUpdated, readingOf, untilLongRunsChangeMs } from '../../src/state/sessions.ts';
import { buildItem, buildItems, buildSessions, buildState, LONG_AGO, longRun, NOW } from '../support/states.ts';

const AFTER_MS = 600_000;
const run = (id: string, acknowledgedAt: number, change = {}) =>
  buildItem(id, { state: 'active', sessionId: id, acknowledgedAt, latestHeartbeatAt: NOW, ...change });

describe('which runs are long', () => {
  const state = buildState('env_1', {
    items: buildItems([
      run('just', NOW - AFTER_MS),
      run('not-yet', NOW - AFTER_MS + 1),
      run('starting', LONG_AGO, { state: 'starting' }),
      run('stopping', LONG_AGO, { state: 'stopping' }),
      run('queued', LONG_AGO, { state: 'queued' }),
      run('other', LONG_AGO, { state: 'other' }),
      run('check', LONG_AGO, { type: 'healthcheck' }),
      run('nobody', LONG_AGO, { sessionId: null }),
      run('silent', LONG_AGO, { acknowledgedAt: null }),
      // A heartbeat stamped the acknowledgement again.
      { ...run('stamped', NOW - 1000), runAcknowledgedAt: LONG_AGO },
      { ...run('new-run', LONG_AGO), runAcknowledgedAt: NOW - 1000 },
    ]),
  });

  it('those of sessions that a worker holds since before `sessions.after`', () => {
    expect([...longRuns(state, NOW).keys()]).toEqual(['just', 'starting', 'stopping', 'stamped']);
    expect(longRuns(state, NOW).get('stamped')).toBe(LONG_AGO);
  });

  it('until when nothing of that changes by itself', () => {
    expect(untilLongRunsChangeMs(state, { now: NOW, apiNow: NOW })).toBe(1);
    expect(untilLongRunsChangeMs(state, { now: NOW, apiNow: NOW - 500 })).toBe(500);
    expect(untilLongRunsChangeMs(state, { now: NOW, apiNow: NOW + AFTER_MS })).toBe(Number.POSITIVE_INFINITY);
    const sessions = buildSessions({ just: ['running'], starting: ['running'] });
    const [reading] = sessions.readings.values();
    const read = { ...state, sessions };
    const untilOldMs = reading!.readAt + 360_001 - NOW;
    expect(untilLongRunsChangeMs(read, { now: NOW, apiNow: NOW + AFTER_MS })).toBe(untilOldMs);
    expect(untilLongRunsChangeMs({ ...state, items: null }, { now: NOW, apiNow: NOW })).toBe(Number.POSITIVE_INFINITY);
  });

  it('on the clock of the API', () => {
    expect([...longRuns(state, NOW - 10_000_000).keys()]).toEqual([]);
  });
});

describe('a reading', () => {
  it('speaks of one run and of no later one', () => {
    const sessions = buildSessions({ one: ['idle', 'requires_action', NOW - 1000] });
    expect(readingOf(sessions, longRun('one'))?.facts.status).toBe('idle');
    expect(readingOf(sessions, longRun('one', { runAcknowledgedAt: NOW - 700_000 }))).toBeNull();
    expect(readingOf(sessions, longRun('two'))).toBeNull();
    expect(readingOf(null, longRun('one'))).toBeNull();
  });

  it('goes when its run ends, when it is too old and when sessions are read no more', () => {
    const items = buildItems([longRun('stays'), longRun('old'), longRun('again')]);
    const sessions = buildSessions({ stays: ['running'], old: ['running'], again: ['running'], ended: ['running'] });
    const readings = new Map(sessions.readings);
    readings.set('old', { ...readings.get('old')!, readAt: NOW - 360_001 });
    readings.set('again', { ...readings.get('again')!, acknowledgedAt: LONG_AGO - 1 });
    const state = buildState('env_1', { items, sessions: { ...sessions, readings } });
    const look = { attempted: true, runs: longRuns(state, NOW), now: NOW };
    expect([...longRunsUpdated(state, look).sessions!.readings.keys()]).toEqual(['stays']);
    expect(longRunsUpdated(state, look).sessions!.longRuns).toBe(3);
    const updated = longRunsUpdated(state, look);
    expect(longRunsUpdated(updated, look)).toBe(updated);
    const off = longRunsUpdated(state, { ...look, attempted: false, runs: new Map() }).sessions!;
    expect(off).toMatchObject({ attempted: false, longRuns: 0, readings: new Map() });
  });
});

import { expect, it } from 'vitest';
import { readiness } from '../../src/server/health.ts';
import { buildOperation, buildState, failingOperation, NOW, untriedOperation } from '../support/states.ts';

const facts = { now: NOW, startedAt: NOW - 59_999, pendingDiscovery: [], stopping: false };
const half = buildState('env_1', { operations: { stats: buildOperation(), list: untriedOperation() } });
const untried = buildState('env_2', { operations: { stats: untriedOperation(), list: untriedOperation() } });

it('waits for every attempted operation of every environment and names what it waits for', () => {
  expect(readiness({ ...facts, states: [half, untried] })).toEqual({
    ready: false,
    waiting_for: ['env_1 list', 'env_2 stats', 'env_2 list'],
  });
});

it('a failed read counts as tried', () => {
  const failed = {
    stats: failingOperation('unauthorized', { lastSuccessAt: null }),
    list: failingOperation('network', { lastSuccessAt: null }),
  };
  expect(readiness({ ...facts, states: [buildState('env_1', { operations: failed })] })).toEqual({
    ready: true,
    waiting_for: [],
  });
});

it('ready 60 s after start whatever was tried', () => {
  expect(readiness({ ...facts, startedAt: NOW - 60_000, states: [untried] })).toEqual({ ready: true, waiting_for: [] });
  // After the clock was set back.
  expect(readiness({ ...facts, startedAt: NOW + 60_000, states: [untried] }).ready).toBe(true);
});

it('the exporter is not ready before the first discovery has ended', () => {
  expect(readiness({ ...facts, states: [], pendingDiscovery: ['default'] })).toEqual({
    ready: false,
    waiting_for: ['discovery default'],
  });
});

it('not ready once it stops, even long after start', () => {
  const stopping = { ...facts, startedAt: NOW - 1e9, stopping: true, states: [] };
  expect(readiness(stopping)).toEqual({ ready: false, waiting_for: ['shutdown'] });
});

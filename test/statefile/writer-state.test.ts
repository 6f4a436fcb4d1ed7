import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextWriterState, takesChanges, type WriterEvent, type WriterState } from '../../src/statefile/writer-state.ts';

const STATES = {
  idle: { is: 'idle' },
  resting: { is: 'resting' },
  writing: { is: 'writing', next: 'idle' },
  'writing, one more': { is: 'writing', next: 'last write' },
  'writing the last': { is: 'writing', next: 'closed' },
  hanging: { is: 'hanging', next: 'idle' },
  'hanging at the end': { is: 'hanging', next: 'closed' },
  usurped: { is: 'usurped' },
  closed: { is: 'closed' },
} as const satisfies Record<string, WriterState>;

const EVENTS = {
  'changed a little': { on: 'changed', behind: 'later', mustRest: false },
  'changed, rested': { on: 'changed', behind: 'soon', mustRest: false },
  'changed, not rested': { on: 'changed', behind: 'soon', mustRest: true },
  rested: { on: 'rested' },
  hung: { on: 'hung' },
  'ended, all written': { on: 'ended', behind: 'nothing', mustRest: true },
  'ended, something left': { on: 'ended', behind: 'later', mustRest: true },
  'ended, more is due': { on: 'ended', behind: 'soon', mustRest: true },
  'ended after long': { on: 'ended', behind: 'soon', mustRest: false },
  'close, all written': { on: 'close', behind: 'nothing' },
  'close, something left': { on: 'close', behind: 'later' },
  usurped: { on: 'usurped' },
} as const satisfies Record<string, WriterEvent>;

type StateName = keyof typeof STATES;
type EventName = keyof typeof EVENTS;

/** Where each event leads; what is not here changes nothing, but for another process's file, which ends everything. */
const TRANSITIONS: Partial<Record<StateName, Partial<Record<EventName, StateName>>>> = {
  idle: {
    'changed, rested': 'writing',
    'changed, not rested': 'resting',
    'close, all written': 'closed',
    'close, something left': 'writing the last',
  },
  resting: { rested: 'writing', 'close, all written': 'closed', 'close, something left': 'writing the last' },
  writing: {
    hung: 'hanging',
    'ended, all written': 'idle',
    'ended, something left': 'idle',
    'ended, more is due': 'resting',
    'ended after long': 'writing',
    'close, all written': 'writing, one more',
    'close, something left': 'writing, one more',
  },
  'writing, one more': {
    hung: 'hanging at the end',
    'ended, all written': 'closed',
    'ended, something left': 'writing the last',
    'ended, more is due': 'writing the last',
    'ended after long': 'writing the last',
  },
  'writing the last': {
    hung: 'hanging at the end',
    'ended, all written': 'closed',
    'ended, something left': 'closed',
    'ended, more is due': 'closed',
    'ended after long': 'closed',
  },
  hanging: {
    'ended, all written': 'idle',
    'ended, something left': 'idle',
    'ended, more is due': 'resting',
    'ended after long': 'writing',
    'close, all written': 'hanging at the end',
    'close, something left': 'hanging at the end',
  },
  'hanging at the end': {
    'ended, all written': 'closed',
    'ended, something left': 'closed',
    'ended, more is due': 'closed',
    'ended after long': 'closed',
  },
};

const stateNames = Object.keys(STATES) as StateName[];
const eventNames = Object.keys(EVENTS) as EventName[];

describe.each(stateNames)('a writer that is %s', (from) => {
  it.each(eventNames)('when it is told: %s', (event) => {
    const to = event === 'usurped' ? 'usurped' : (TRANSITIONS[from]?.[event] ?? from);
    expect(nextWriterState(STATES[from], EVENTS[event])).toEqual(STATES[to]);
  });
});

describe('any sequence of events', () => {
  const events = fc.array(fc.constantFrom(...eventNames), { maxLength: 30 });
  const stateAfter = (names: readonly EventName[]): WriterState =>
    names.reduce<WriterState>((state, name) => nextWriterState(state, EVENTS[name]), STATES.idle);

  it('that closes the writer ends within two writes that end or hang', () => {
    const ended = fc.constantFrom<EventName>('ended, more is due', 'hung', 'ended after long');
    fc.assert(
      fc.property(events, fc.tuple(ended, ended), (before, [first, second]) => {
        const state = stateAfter([...before, 'close, something left', first, second]);
        expect(state.is === 'closed' || state.is === 'usurped' || state.is === 'hanging').toBe(true);
        expect(takesChanges(state)).toBe(false);
      }),
    );
  });

  it('leaves the file of another process alone for good', () => {
    fc.assert(
      fc.property(events, events, (before, rest) => {
        expect(stateAfter([...before, 'usurped', ...rest])).toEqual({ is: 'usurped' });
      }),
    );
  });
});

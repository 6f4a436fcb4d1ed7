import { during, type Line, now, step } from '../support/lines.ts';
import { alone } from '../support/rule-case.ts';
import { type EnvironmentLines, environment, exporter, type Series } from '../support/series.ts';
import type { Situation } from '../support/situation.ts';
import { outage } from './worker-situations.ts';

const FROM = 10;
const TO = 50;

/** Seven minutes away, one minute back, again and again; what was read is shown for 90 s longer. */
function comesAndGoes(): EnvironmentLines {
  const away = (minute: number) => minute >= FROM && minute < TO && (minute - FROM) % 8 < 7;
  const read: Line = (minute) => (away(minute) ? (minute - ((minute - FROM) % 8)) * 60 : minute * 60);
  const up: Line = (minute) => (away(minute) ? 0 : 1);
  return { upStats: up, upList: up, lastStats: read, lastList: read };
}

const frozen = (all: readonly Series[], from: number): readonly Series[] =>
  all.map((one) => ({
    ...one,
    line: (minute) => (typeof one.line === 'function' ? one.line(Math.min(minute, from)) : one.line),
  }));

/** What comes and goes, or is only half there. */
export const FLAPPING_SITUATIONS: readonly Situation[] = [
  {
    name: 'an API that comes and goes, three environments: one page',
    series: [...exporter(), ...['e1', 'e2', 'e3'].flatMap((id) => environment(comesAndGoes(), { id, name: id }))],
    minutes: 70,
    pages: [{ alert: 'ApiUnreachable', environment: null, starts: [FROM + 2, FROM + 4.5], over: TO + 6 }],
  },
  {
    name: 'an environment that comes and goes: one page',
    series: alone(comesAndGoes()),
    minutes: 70,
    pages: [{ alert: 'EnvironmentNotVisible', over: TO + 6 }],
  },
  {
    name: 'an API key that is refused every second time',
    series: [
      ...exporter({ rejected: (minute) => (minute >= FROM && minute < TO && minute % 1 === 0 ? 1 : 0) }),
      ...environment({
        stats401: (minute) => Math.max(0, Math.min(minute, TO) - FROM),
        upStats: (minute) => (minute >= FROM && minute < TO && minute % 1 === 0 ? 0 : 1),
        lastStats: (minute) => (Math.floor(minute) + 0.5) * 60 - 30,
      }),
    ],
    minutes: 70,
    tickets: [{ alert: 'CredentialRejected', environment: null, over: TO + 7 }],
  },
  {
    name: 'an API key is revoked, and the environment keys read on',
    series: [...exporter({ rejected: step(FROM, 0, 1) }), ...environment(), ...environment({}, { id: 'f' })],
    minutes: 40,
    tickets: [{ alert: 'CredentialRejected', environment: null, starts: [FROM + 2, FROM + 8] }],
  },
  {
    name: 'one key is refused at the start, with discovery alone, and another connection is well',
    series: [
      ...exporter({ discovery: 0, rejected: 1 }),
      ...environment({}, { connection: 'other' }),
      ...['anthropic_work_discovery_up', 'anthropic_work_credential_rejected'].map(
        (name): Series => ({
          name,
          labels: { job: 'anthropic-work-exporter', instance: 'a', connection: 'other', credential: 'api_key' },
          line: name.endsWith('up') ? 1 : 0,
        }),
      ),
    ],
    minutes: 40,
    pages: [{ alert: 'DiscoveryFailing', environment: null, starts: [2, 8] }],
  },
  {
    name: 'the exporter starts while the API cannot be read',
    series: alone({ ...outage({}, -10, 30), lastStats: step(30, null, now), lastList: step(30, null, now) }),
    minutes: 40,
    pages: [{ alert: 'EnvironmentNotVisible', starts: [2, 6], over: 36 }],
  },
  {
    name: 'the exporter answers and reads nothing any more',
    series: alone({
      lastStats: (minute) => Math.min(minute, FROM) * 60,
      lastList: (minute) => Math.min(minute, FROM) * 60,
    }),
    minutes: 40,
    pages: [{ alert: 'EnvironmentNotVisible', starts: [FROM + 4, FROM + 6.5] }],
  },
  {
    name: 'something between Prometheus and the exporter repeats an old answer',
    series: frozen(alone({}), FROM),
    minutes: 40,
    pages: [{ alert: 'ExporterAbsent', environment: null, starts: [FROM + 5, FROM + 11] }],
  },
  {
    name: 'scrapes fail for a minute, every ten minutes, over a quiet queue',
    series: alone({ polling: 0, staleActive: during(0, 1, [0, 0]) }).map((one) => ({
      ...one,
      line: (minute: number) => {
        if (minute % 10 >= 1) return typeof one.line === 'function' ? one.line(minute) : one.line;
        return one.name === 'up' ? 0 : null;
      },
    })),
    minutes: 60,
  },
];

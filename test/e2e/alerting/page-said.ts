import type { ConditionPhase } from '../../../src/conditions/condition.ts';
import type { PromAlert } from '../../support/prometheus.ts';

/** `AnthropicWorkNoWorkers critical env_a`; without an id where it is about more than one environment. */
export type AlertKey = string;
export type Phases = ReadonlyMap<AlertKey, ConditionPhase>;

/** What an exporter says of itself. */
export interface PageSaid {
  readonly phases: Phases;
  /** Of each environment, by id. */
  readonly statuses: Readonly<Record<string, string>>;
  /** The tone of each environment's row, by id: `good` is fine. */
  readonly tones: Readonly<Record<string, string>>;
  readonly headline: { readonly tone: string; readonly text: string };
  /** The sentences of each. */
  readonly summaries: ReadonlyMap<AlertKey, readonly string[]>;
}

/** What a Prometheus says, by key. */
export function toldPhases(alerts: readonly PromAlert[]): Phases {
  return phasesOf(alerts.map(alertEntry));
}

type Entry = readonly [key: AlertKey, phase: ConditionPhase];

function alertEntry({ labels, state, keepFiringSince }: PromAlert): Entry {
  const key = keyOf(labels.alertname!, labels.severity!, labels.environment_id);
  return [key, state === 'firing' && keepFiringSince !== undefined ? 'recovering' : state];
}

function keyOf(alert: string, severity: string, id: string | undefined): AlertKey {
  return [alert, severity, ...(id === undefined ? [] : [id])].join(' ');
}

const GRAVITY: readonly ConditionPhase[] = ['pending', 'recovering', 'firing'];

/** The gravest of each key: several connections can share one. */
function phasesOf(entries: readonly Entry[]): Phases {
  const phases = new Map<AlertKey, ConditionPhase>();
  for (const [key, phase] of entries) {
    const known = phases.get(key);
    if (known === undefined || GRAVITY.indexOf(phase) > GRAVITY.indexOf(known)) phases.set(key, phase);
  }
  return phases;
}

interface ConditionJson {
  readonly alert: string;
  readonly severity: string;
  readonly state: ConditionPhase | 'exceeded';
  readonly summary: string | null;
  readonly environments: readonly string[];
}

interface AllJson {
  readonly conditions: readonly ConditionJson[];
  readonly environments: readonly {
    readonly id: string;
    readonly status: string;
    readonly conditions: readonly ConditionJson[];
  }[];
}

/** What the page and the JSON of an exporter say; null while it does not answer. */
export async function askPage(url: string): Promise<PageSaid | null> {
  try {
    const [json, page] = await Promise.all([
      fetch(`${url}/api/v1/environments`).then((answer) => answer.json()),
      fetch(url).then((answer) => answer.text()),
    ]);
    return readSaid(json as AllJson, page);
  } catch {
    return null;
  }
}

function readSaid({ conditions, environments }: AllJson, page: string): PageSaid {
  const watched = new Set(environments.map(({ id }) => id));
  const all = [
    ...conditions.map((condition) => ({ condition, id: idOfLeft(condition, watched) })),
    ...environments.flatMap(({ id, conditions: own }) => own.map((condition) => ({ condition, id }))),
  ].map(({ condition, id }) => ({ ...condition, key: keyOf(condition.alert, condition.severity, id) }));
  const rows = [...page.matchAll(/<tbody role="rowgroup" data-key="([^"]+)">\s*<tr role="row" class="(\w+)"/g)];
  const [, tone = '', title = ''] = /<h1 class="(\w+)"[^>]*>(.*?)<\/h1>/s.exec(page) ?? [];
  return {
    phases: phasesOf(all.flatMap(({ key, state }) => (state === 'exceeded' ? [] : [[key, state]]))),
    statuses: Object.fromEntries(environments.map(({ id, status }) => [id, status])),
    tones: Object.fromEntries(rows.map(([, id, rowTone]) => [id!, rowTone!])),
    headline: { tone, text: plainText(title) },
    summaries: new Map(
      [...Map.groupBy(all, ({ key }) => key)].map(([key, same]) => [key, same.flatMap(({ summary }) => summary ?? [])]),
    ),
  };
}

/** An alert of one environment that is no longer watched stands among those about several. */
function idOfLeft({ environments: [id, ...others] }: ConditionJson, watched: ReadonlySet<string>): string | undefined {
  return id !== undefined && others.length === 0 && !watched.has(id) ? id : undefined;
}

const CHARACTERS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function plainText(markup: string): string {
  return markup.replaceAll(/<[^>]*>/g, '').replaceAll(/&(\S+?);/g, (whole, name: string) => CHARACTERS[name] ?? whole);
}

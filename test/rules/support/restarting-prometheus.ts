import { AlertInstances } from '../../../src/conditions/evaluation/alert-instances.ts';
import { expressionOf } from '../../../src/conditions/evaluation/expression-of.ts';
import { vectorOf } from '../../../src/promql/evaluate.ts';
import type { LabelSet } from '../../../src/promql/store/label-set.ts';
import { SeriesStore } from '../../../src/promql/store/series-store.ts';
import { type Expr, selectorsIn } from '../../../src/promql/syntax/expression.ts';
import { durationMs } from '../../../src/rules/parts/durations.ts';
import { isAlert, type Rule, type RuleGroup } from '../../../src/rules/parts/rule.ts';
import type { ScrapedSample } from '../../support/scraped-samples.ts';

const PENDING = { values: { alertstate: 'pending' } };
const FIRING = { values: { alertstate: 'firing' } };
/** After a start, a group writes no `ALERTS` in its first evaluations. */
const SILENT = 2;
const RESEND_MS = 60_000;

/** What Alertmanager is told of an alert that fires: until when it may take it for firing. */
export interface Sent {
  readonly labels: LabelSet;
  readonly until: number;
}

interface Running {
  readonly key: string;
  readonly rule: Rule;
  readonly expr: Expr;
  alerts: AlertInstances | null;
  readonly sentAt: Map<LabelSet, number>;
}

/**
 * Prometheus as a process that may be restarted, which promtool cannot play: its groups are evaluated each at a second of
 * its own, and it forgets which alerts are pending or fire. What ended while it was away has no mark of its end, so it
 * seems to go on for five minutes.
 *
 * The real one remembers alerts whose `for` is ten minutes or more, such as the page `AnthropicWorkSaturated`: this one
 * says nothing about those.
 */
export class RestartingPrometheus {
  readonly #store: SeriesStore;
  readonly #groups;
  /** The series of the previous evaluation or scrape: one that is missing in the next gets the mark of its end. */
  readonly #previous = new Map<string, ReadonlySet<LabelSet>>();
  /** What a scrape must deliver. */
  readonly scrapedNames: ReadonlySet<string>;

  /** @param offsets seconds after the start of its interval at which each group is evaluated */
  constructor(groups: readonly RuleGroup[], offsets: readonly number[]) {
    this.#groups = groups.map(({ interval, rules }, index) => {
      const ms = durationMs(interval);
      const running = rules.map((rule, number): Running => {
        const expr = expressionOf(rule.expr);
        const alerts = isAlert(rule) ? new AlertInstances(rule) : null;
        return { key: `${index}/${number}`, rule, expr, alerts, sentAt: new Map() };
      });
      return { ms, offset: (offsets[index]! * 1000) % ms, evaluations: SILENT, running };
    });
    const all = this.#groups.flatMap(({ running }) => running);
    this.#store = new SeriesStore(all.flatMap(({ expr }) => selectorsIn(expr)));
    const made = new Set(['ALERTS', ...all.flatMap(({ rule }) => (isAlert(rule) ? [] : rule.record))]);
    this.scrapedNames = new Set([...this.#store.names].filter((name) => !made.has(name)));
  }

  restart(): void {
    this.#previous.clear();
    for (const group of this.#groups) {
      group.evaluations = 0;
      for (const one of group.running) {
        if (isAlert(one.rule)) one.alerts = new AlertInstances(one.rule);
        one.sentAt.clear();
      }
    }
  }

  scraped(samples: readonly ScrapedSample[], at: number): void {
    const byName = Map.groupBy(samples, ({ name }) => name);
    for (const name of this.scrapedNames) this.#write(name, name, at, byName.get(name) ?? []);
  }

  /** Evaluates the groups that are due, and says what is sent to Alertmanager. */
  evaluate(at: number): readonly Sent[] {
    const sent: Sent[] = [];
    for (const group of this.#groups) {
      if ((at - group.offset) % group.ms !== 0) continue;
      group.evaluations++;
      for (const one of group.running) {
        const vector = vectorOf(one.expr, { store: this.#store, at });
        if (one.alerts === null || !isAlert(one.rule)) {
          if (!isAlert(one.rule)) this.#write(one.key, one.rule.record, at, vector);
          continue;
        }
        one.alerts.update(vector, at);
        const samples = one.alerts.active.map(({ labels, firedAt }) => ({
          labels: labels.with(firedAt === null ? PENDING : FIRING),
          value: 1,
        }));
        if (group.evaluations > SILENT) this.#write(one.key, 'ALERTS', at, samples);
        sent.push(...this.#toSend(one, at, group.ms));
      }
    }
    return sent;
  }

  #toSend({ alerts, sentAt }: Running, at: number, intervalMs: number): readonly Sent[] {
    const firing = new Set(alerts!.active.filter(({ firedAt }) => firedAt !== null).map(({ labels }) => labels));
    const over = [...sentAt.keys()].filter((labels) => !firing.has(labels));
    for (const labels of over) sentAt.delete(labels);
    const due = [...firing].filter((labels) => (sentAt.get(labels) ?? Number.NEGATIVE_INFINITY) + RESEND_MS < at);
    for (const labels of due) sentAt.set(labels, at);
    return [
      ...over.map((labels) => ({ labels, until: at })),
      ...due.map((labels) => ({ labels, until: at + 4 * Math.max(RESEND_MS, intervalMs) })),
    ];
  }

  #write(key: string, name: string, at: number, samples: readonly { labels: LabelSet; value: number }[]): void {
    for (const { labels, value } of samples) this.#store.seriesForAppend(name, labels)?.append(at, value);
    const present = new Set(samples.map(({ labels }) => labels));
    for (const labels of this.#previous.get(key) ?? [])
      if (!present.has(labels)) this.#store.seriesForAppend(name, labels)?.end(at);
    this.#previous.set(key, present);
  }
}

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { RuleEvaluator } from '../../../src/conditions/evaluation/rule-evaluator.ts';
import type { AlertName } from '../../../src/rules/parts/alert-names.ts';

/** An alert from the first evaluation at which it fires and nothing mutes it, to the first at which it does not fire. */
export interface Spell {
  readonly alert: string;
  readonly severity: string;
  readonly environmentId: string | null;
  /** Of a page or ticket about one. */
  readonly credential?: string | undefined;
  /** Minutes since the exporters started. */
  readonly from: number;
  /** Null: it still fires. */
  to: number | null;
}

type Labels = Readonly<Record<string, string>>;
type Matcher = (labels: Labels) => boolean;

interface Inhibition {
  readonly source: Matcher;
  readonly target: Matcher;
  readonly equal: readonly string[];
}

const EXAMPLE = new URL('../../../alerts/alertmanager.example.yml', import.meta.url);
/** It always fires. */
const WATCHDOG: AlertName = 'AnthropicWorkWatchdog';

/** Who would hear of what: alerts that fire, without those that Alertmanager mutes with the shipped configuration. */
export class Spells {
  readonly all: Spell[] = [];
  readonly #open = new Map<string, Spell>();
  readonly #inhibitions = inhibitions();

  look(minute: number, { active }: RuleEvaluator): void {
    const firing = active
      .filter(({ firedAt, rule }) => firedAt !== null && rule.alert !== WATCHDOG && rule.labels.severity !== 'info')
      .map(({ labels }) => labels.values);
    const keys = new Set(firing.map(keyOf));
    for (const labels of firing) {
      const key = keyOf(labels);
      if (this.#open.has(key) || this.#isMuted(labels, firing)) continue;
      const alert = labels.alertname!.replace('AnthropicWork', '');
      const { severity = '', environment_id: environmentId = null, credential } = labels;
      const spell: Spell = { alert, severity, environmentId, credential, from: minute, to: null };
      this.#open.set(key, spell);
      this.all.push(spell);
    }
    for (const [key, spell] of this.#open) {
      if (keys.has(key)) continue;
      spell.to = minute;
      this.#open.delete(key);
    }
  }

  #isMuted(labels: Labels, firing: readonly Labels[]): boolean {
    return this.#inhibitions.some(
      ({ source, target, equal }) =>
        target(labels) &&
        firing.some((other) => source(other) && equal.every((name) => (other[name] ?? '') === (labels[name] ?? ''))),
    );
  }
}

/** An alert that changes the page that tells of it is still the same. */
function keyOf({ told_by: _, ...labels }: Labels): string {
  return JSON.stringify(labels);
}

function inhibitions(): readonly Inhibition[] {
  const { inhibit_rules: rules } = parse(readFileSync(EXAMPLE, 'utf8')) as {
    readonly inhibit_rules: readonly {
      readonly source_matchers: readonly string[];
      readonly target_matchers: readonly string[];
      readonly equal: readonly string[];
    }[];
  };
  return rules.map(({ source_matchers, target_matchers, equal }) => ({
    source: allOf(source_matchers),
    target: allOf(target_matchers),
    equal,
  }));
}

function allOf(matchers: readonly string[]): Matcher {
  const all = matchers.map(matcher);
  return (labels) => all.every((one) => one(labels));
}

function matcher(text: string): Matcher {
  const [, name, operator, value] = /^(\w+) (=|!=|=~|!~) "?([^"]*)"?$/.exec(text)!;
  const pattern = operator!.endsWith('~') ? new RegExp(`^(?:${value})$`) : null;
  return (labels) => {
    const own = labels[name!] ?? '';
    const holds = pattern === null ? own === value : pattern.test(own);
    return operator!.startsWith('!') ? !holds : holds;
  };
}

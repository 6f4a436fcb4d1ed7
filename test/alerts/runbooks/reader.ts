import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderRules } from '../../../src/rules/generated-rules.ts';
import { ALERT_NAMES, type AlertName } from '../../../src/rules/parts/alert-names.ts';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/parts/options.ts';
import { BUILT_MAIN, type Exit, runProgram } from '../../support/processes.ts';
import { LivePrometheus } from '../../support/prometheus.ts';
import { FIRST_SIGHTS, NOT_YET } from './first-sights.ts';
import type { Replacements, Step } from './runbook-steps.ts';
import { GONE, MAIN, REPLICA, type TroubledExporters } from './troubled-exporters.ts';
import { idOf } from './troubled-world.ts';
import { WORKER_LOG_LINES } from './worker-log-lines.ts';

const EXPECTED = ALERT_NAMES.filter((name) => !(name in NOT_YET));

/** Of a scrape of every target and an evaluation of every group, each some seconds. */
const ROUNDS = 12;

/** Somewhere, or of the environment whose trouble it names. */
function alertOf(name: AlertName): string {
  const { environment } = FIRST_SIGHTS[name];
  return `ALERTS{alertname="${name}"${environment === undefined ? '' : `, environment_id="${idOf(environment)}"`}}`;
}

/** Who has a Prometheus, a shell and the address of the exporter: what the runbooks expect, and nothing else. */
export class RunbookReader implements AsyncDisposable {
  readonly prometheus: LivePrometheus;
  readonly #exporters: TroubledExporters;
  readonly #path: string;
  readonly #answers = new Map<string, Promise<Exit>>();
  /** What was neither pending nor firing in any round. */
  missing: readonly string[] = [];
  /** The moment of all queries, so that nothing depends on how long the others take. */
  #at = 0;

  private constructor(exporters: TroubledExporters, prometheus: LivePrometheus) {
    this.#exporters = exporters;
    this.prometheus = prometheus;
    this.#path = standIns(exporters);
    const lines = WORKER_LOG_LINES.flatMap((line) => Object.values(line) as string[]);
    writeFileSync(exporters.file('worker.log'), `${lines.join('\n')}\n`);
  }

  static async start(exporters: TroubledExporters): Promise<RunbookReader> {
    const targets = [
      [MAIN, exporters.urls[MAIN]],
      [REPLICA, exporters.urls[REPLICA]],
      [GONE, exporters.nowhere],
    ] as const;
    const prometheus = await LivePrometheus.start({
      history: exporters.history,
      // Soon, and not when their minute comes; and no page fires, which would silence what it explains before a slow
      // machine has evaluated all of them.
      rules: {
        'rules.yaml': renderRules('prometheus', DEFAULT_RULE_OPTIONS)
          .replaceAll(/^( +interval:).*$/gm, '$1 2s')
          .replaceAll(/^( +for:).*$/gm, '$1 1h')
          // Nothing was recorded before this Prometheus started.
          .replaceAll(/(\w+:\w+:\w+\{[^}]*\}\[1m(?:5s)?\]) offset \d+m/g, '$1'),
      },
      // Slow machines answer late, and a scrape that fails would end the series.
      interval: '5s',
      lookback: '15m',
      scrapeConfigs: [
        {
          job_name: DEFAULT_RULE_OPTIONS.job,
          static_configs: targets.map(([instance, url]) => ({ targets: [new URL(url).host], labels: { instance } })),
        },
      ],
    });
    const reader = new RunbookReader(exporters, prometheus);
    try {
      await reader.#findMoment();
    } catch (error) {
      await reader[Symbol.asyncDispose]();
      throw error;
    }
    return reader;
  }

  /** Labels of the alerts that are pending or firing at the moment of the queries. */
  async alerts(): Promise<readonly Readonly<Record<string, string>>[]> {
    return (await this.prometheus.query('ALERTS', this.#at)).map(({ labels }) => labels);
  }

  /**
   * One at which both exporters were scraped and every alert tells of the trouble that it is looked at for, once nothing
   * under way can change it: on a slow machine a scrape or an evaluation from before it ends after it. An alert that is not
   * right after so many rounds never will be: `missing` says which.
   */
  async #findMoment(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      this.#at = Date.now() / 1000;
      await this.prometheus.passed(this.#at);
      this.missing = await this.#missing();
      if (this.missing.length === 0) return;
    }
    if (this.missing.includes('up')) throw new Error(`Prometheus did not reach both exporters in ${ROUNDS} scrapes`);
  }

  async #missing(): Promise<readonly string[]> {
    const { job } = DEFAULT_RULE_OPTIONS;
    const [up, ...alerts] = await Promise.all([
      this.prometheus.query(`count(up{job="${job}", instance=~"${MAIN}|${REPLICA}"} == 1) == 2`, this.#at),
      ...EXPECTED.map((name) => this.prometheus.query(alertOf(name), this.#at)),
    ]);
    return [...(up!.length === 0 ? ['up'] : []), ...EXPECTED.filter((_, index) => alerts[index]!.length === 0)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.prometheus[Symbol.asyncDispose]();
  }

  /** What a step prints: series as text, or what the command says on both streams. */
  async run(step: Step): Promise<{ readonly code: number | null; readonly text: string }> {
    if (step.language === 'promql') {
      const results = await Promise.all(step.lines.map((query) => this.prometheus.query(query, this.#at)));
      const lines = results.flat().map(({ labels: { __name__ = '', ...labels }, value }) => {
        const pairs = Object.entries(labels).toSorted();
        return `${__name__}{${pairs.map(([name, label]) => `${name}="${label}"`).join(',')}} ${value}`;
      });
      return { code: 0, text: lines.join('\n') };
    }
    const { code, stdout, stderr } = await this.#shell(step.lines[0]!);
    return { code, text: `${stdout}${stderr}` };
  }

  /** The words in capitals that are the same for all environments. */
  get common(): Replacements {
    const { urls, simulator } = this.#exporters;
    const pod = { NAMESPACE: 'monitoring', POD: 'anthropic-work-exporter-0' };
    const WORKER_LOG = this.#exporters.file('worker.log');
    return { EXPORTER: urls[MAIN], API: simulator.url, JOB: DEFAULT_RULE_OPTIONS.job, ...pod, WORKER_LOG };
  }

  /** A command of several runbooks is run once. */
  #shell(command: string): Promise<Exit> {
    const known = this.#answers.get(command);
    if (known !== undefined) return known;
    const answer = runProgram('bash', ['-o', 'pipefail', '-c', command], {
      env: { PATH: this.#path, ANTHROPIC_API_KEY: this.#exporters.simulator.apiKey },
    });
    this.#answers.set(command, answer);
    return answer;
  }
}

/** The command as it is installed, and programs of the host that the machine of a test does not have. */
function standIns(exporters: TroubledExporters): string {
  const folder = exporters.file('bin');
  mkdirSync(folder);
  const programs = {
    'anthropic-work-exporter': `exec "${process.execPath}" "${BUILT_MAIN}" "$@"`,
    kubectl: 'echo "there is no cluster" >&2; exit 1',
    journalctl: `exec cat "${exporters.file('exporter.log')}"`,
    timedatectl: 'echo "System clock synchronized: no"',
  };
  writeFileSync(exporters.file('exporter.log'), exporters.log);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return `${folder}:${process.env.PATH}`;
}

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/rule.ts';
import { BUILT_MAIN, type Exit, runProgram } from '../../support/processes.ts';
import { LivePrometheus } from '../../support/prometheus.ts';
import type { Replacements, Step } from './runbook-steps.ts';
import { MAIN, type TroubledExporters } from './troubled-exporters.ts';
import { WORKER_LOG_LINES } from './worker-log-lines.ts';

/** Who has a Prometheus, a shell and the address of the exporter: what the runbooks expect, and nothing else. */
export class RunbookReader implements AsyncDisposable {
  readonly #prometheus: LivePrometheus;
  readonly #exporters: TroubledExporters;
  readonly #path: string;
  readonly #answers = new Map<string, Promise<Exit>>();

  private constructor(exporters: TroubledExporters, prometheus: LivePrometheus) {
    this.#exporters = exporters;
    this.#prometheus = prometheus;
    this.#path = standIns(exporters);
    const lines = WORKER_LOG_LINES.flatMap((line) => Object.values(line) as string[]);
    writeFileSync(exporters.file('worker.log'), `${lines.join('\n')}\n`);
  }

  static async start(exporters: TroubledExporters): Promise<RunbookReader> {
    return new RunbookReader(exporters, await LivePrometheus.start({ history: exporters.history }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#prometheus[Symbol.asyncDispose]();
  }

  /** What a step prints: series as text, or what the command says on both streams. */
  async run(step: Step): Promise<{ readonly code: number | null; readonly text: string }> {
    if (step.language === 'promql') {
      const results = await Promise.all(step.lines.map((query) => this.#prometheus.query(query, this.#exporters.at)));
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
  };
  writeFileSync(exporters.file('exporter.log'), exporters.log);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return `${folder}:${process.env.PATH}`;
}

import { createServer } from 'node:http';

export interface NotifiedAlert {
  /** `AnthropicWorkNoWorkers critical`. */
  readonly name: string;
  readonly firing: boolean;
  readonly summary: string;
}

/** What Alertmanager told a receiver. */
export interface Notification {
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly group: Readonly<Record<string, string>>;
  readonly alerts: readonly NotifiedAlert[];
  /** When it arrived, on the clock of the receiver. */
  readonly at: number;
}

interface Body {
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

/** Pager, chat and dead man's switch in one: keeps every notification with the time of its arrival. */
export class Receiver implements AsyncDisposable {
  readonly received: Notification[] = [];
  readonly #clock: { now(): number };
  readonly #server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    request.on('end', () => {
      this.#take(JSON.parse(body) as Body);
      response.end();
    });
  });

  constructor(clock: { now(): number }) {
    this.#clock = clock;
  }

  /** What arrived, without the Watchdog, which arrives all the time. */
  get told(): Notification[] {
    return this.received.filter(({ receiver }) => receiver !== 'dead-mans-switch');
  }

  listen(): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(this.#server.address() as { port: number }).port}`);
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take({ receiver, status, groupLabels, alerts }: Body): void {
    this.received.push({
      receiver,
      status,
      group: groupLabels,
      at: this.#clock.now(),
      alerts: alerts
        .map(({ status, labels, annotations }) => ({
          name: `${labels.alertname} ${labels.severity}`,
          firing: status === 'firing',
          summary: annotations.summary ?? '',
        }))
        .toSorted((a, b) => a.name.localeCompare(b.name)),
    });
  }
}

import { createServer } from 'node:http';

/** What Alertmanager told a receiver of one alert. */
export interface NotifiedAlert {
  /** `AnthropicWorkNoWorkers critical`. */
  readonly name: string;
  readonly firing: boolean;
  readonly summary: string;
}

type Labels = Readonly<Record<string, string>>;
interface Body {
  readonly receiver: string;
  readonly alerts: readonly { readonly status: string; readonly labels: Labels; readonly annotations: Labels }[];
}

/** Pager and chat in one: keeps what every notification says, but for the Watchdog, which arrives all the time. */
export class Receiver implements AsyncDisposable {
  readonly told: (readonly NotifiedAlert[])[] = [];
  readonly #server = createServer(async (request, response) => {
    const { receiver, alerts } = (await new Response(request as never).json()) as Body;
    response.end();
    if (receiver === 'dead-mans-switch') return;
    const notified = alerts.map(({ status, labels, annotations }) => ({
      name: `${labels.alertname} ${labels.severity}`,
      firing: status === 'firing',
      summary: annotations.summary ?? '',
    }));
    this.told.push(notified);
  });

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
}

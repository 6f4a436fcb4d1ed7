// Shows what Alertmanager would send to people: a line each in the log, and the latest as a page.
import { createServer } from 'node:http';

const KEPT = 100;
const latest = [];

/** One line for one alert of a notification. */
function lineOf(receiver, { status, labels, annotations }) {
  const who = labels.environment_name ?? labels.connection ?? labels.instance ?? '';
  return `${new Date().toISOString()} ${receiver} ${status} ${labels.severity} ${labels.alertname} ${who}: ${annotations.summary}`;
}

const server = createServer((request, response) => {
  if (request.method !== 'POST') {
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end(`${latest.length === 0 ? 'Nothing was sent yet.' : latest.join('\n')}\n`);
    return;
  }
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const { receiver, alerts } = JSON.parse(body);
    for (const alert of alerts) {
      const line = lineOf(receiver, alert);
      process.stdout.write(`${line}\n`);
      latest.unshift(line);
    }
    latest.length = Math.min(latest.length, KEPT);
    response.end();
  });
});
server.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? '0.0.0.0', () => {
  process.stderr.write(`receiver: port ${server.address().port}\n`);
});

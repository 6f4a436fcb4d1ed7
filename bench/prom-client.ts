/** The samples of an exporter in the registry of prom-client, behind `node:http`, as its documentation shows. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type ParsedSample, parseExposition } from '../test/support/exposition-parser.ts';
import { fetchBody } from './processes.ts';

const registry = new Registry();
const text = await fetchBody(Number(process.argv[2]), '/metrics');

for (const { name, type, help, samples } of parseExposition(text, 'prometheus')) {
  const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].filter((key) => key !== 'le');
  const config = { name, help: help ?? name, labelNames, registers: [registry] };
  if (type === 'histogram') fill(config, samples);
  else if (type === 'counter')
    for (const own of [new Counter(config)]) for (const { labels, value } of samples) own.inc(labels, value);
  else for (const own of [new Gauge(config)]) for (const { labels, value } of samples) own.set(labels, value);
}

/** As many observations in each bucket as the exporter has. */
function fill(config: ConstructorParameters<typeof Histogram>[0], samples: readonly ParsedSample[]): void {
  const bounds = [
    ...new Set(samples.flatMap(({ labels: { le } }) => (le === undefined || le === '+Inf' ? [] : [Number(le)]))),
  ];
  const histogram = new Histogram({ ...config, buckets: bounds });
  let before = 0;
  for (const { labels, value } of samples) {
    const { le, ...own } = labels;
    if (le === undefined) continue;
    const isFirst = Number(le) === bounds[0];
    if (isFirst) histogram.zero(own);
    for (let n = isFirst ? 0 : before; n < value; n++)
      histogram.observe(own, le === '+Inf' ? bounds.at(-1)! + 1 : Number(le));
    before = value;
  }
}

const server = createServer(async (_, response) => {
  response.setHeader('content-type', registry.contentType);
  response.end(await registry.metrics());
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());

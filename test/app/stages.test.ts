import { Gauge } from 'prom-client';
import { expect, it } from 'vitest';
import { createStages } from '../../src/app/stages.ts';
import type { LogFields, Logger } from '../../src/base/logger.ts';
import { ManualClock } from '../support/manual-clock.ts';

it('a metric whose collector throws has a line of the log at each scrape, and the scrape has the others', async () => {
  const lines: LogFields[] = [];
  const write = (level: string) => (fields: LogFields, msg: string) => void lines.push({ level, msg, ...fields });
  const logger: Logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const stages = createStages({
    clock: new ManualClock(),
    random: () => 0.5,
    logger,
    env: {},
    build: { version: '1.2.3', revision: 'abc', nodeVersion: 'v26' },
    shard: '0/1',
    keyRefused: () => {},
    environmentsFound: async () => {},
    stateFile: () => null,
    conditions: () => null,
  });
  const registers = [stages.self.registry];
  const collect = () => {
    throw new Error('no such file');
  };
  new Gauge({ name: 'broken', help: 'Broken.', registers, collect });
  const scrape = async () => Buffer.concat(await stages.exposition.render('prometheus')).toString();
  expect(await scrape()).toContain('anthropic_work_exporter_shards 1');
  const line = {
    level: 'warn',
    msg: 'a metric cannot be collected',
    event: 'metrics.failed',
    metric: 'broken',
    error: 'no such file',
  };
  expect(lines).toEqual([line]);
  expect(await scrape()).not.toContain('broken');
  expect(lines).toEqual([line, line]);
});

import { expect, it } from 'vitest';
import { HOLD_BEFORE_FIRST_READ } from '../../src/conditions/condition.ts';
import { conditionPipeline } from '../../src/conditions/condition-pipeline.ts';
import { StillClock } from '../support/still-clock.ts';
import { StillExporter } from '../support/still-exporter.ts';

/** With both keys, so that all is to be read. */
const CONFIGURATION = {
  api: { api_key: 'sk-ant-api03-fake', base_url: 'http://127.0.0.1:1' },
  environments: ['prod', 'batch'].map((name) => ({ id: `env_${name}`, name, environment_key: `sk-ant-oat01-${name}` })),
};

it('the alerts that hold of an exporter that has read nothing yet are those that wait for their first read', async () => {
  const still = new StillClock();
  const exporter = await StillExporter.prepared(still, CONFIGURATION);
  try {
    const { evaluator, reader, upSamples } = await conditionPipeline();
    const columns = await reader.read(await exporter.render('prometheus'));
    evaluator.storeScrape([...columns, upSamples], still.clock.now());
    await evaluator.evaluate(still.clock.now());
    const alerts = evaluator.active.map(({ rule }) => rule.alert);
    expect(new Set(alerts)).toEqual(new Set(Object.keys(HOLD_BEFORE_FIRST_READ)));
  } finally {
    await exporter.stop();
  }
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UID } from '../../../src/dashboards/parts/links.ts';
import { RUNBOOK_PLACE, runbookLink, withRunbookLinks } from '../../../src/dashboards/parts/runbook-link.ts';
import { ROOT } from '../../support/processes.ts';

const committed = (uid: string) => readFileSync(join(ROOT, `grafana/${uid}.json`), 'utf8');
const places = (json: string) => {
  const found: unknown[] = [];
  JSON.parse(json, (_key, value) => {
    if (value?.id === RUNBOOK_PLACE.id && value.value?.length === 0) found.push(value);
    return value;
  });
  return found;
};

describe('the place for runbooks', () => {
  it('is in the table of alerts and nowhere else', () => {
    const counts = Object.fromEntries(Object.values(UID).map((uid) => [uid, places(committed(uid)).length]));
    expect(counts).toEqual({ [UID.overview]: 1, [UID.environment]: 0, [UID.slo]: 0, [UID.exporter]: 0 });
  });

  it('takes the link, and nothing else of the board changes', () => {
    const board = committed(UID.overview);
    const linked = withRunbookLinks(board, 'https://wiki.test/a "b"');
    expect(places(linked)).toEqual([]);
    const link = JSON.stringify([runbookLink('https://wiki.test/a "b"')]);
    expect(JSON.stringify(JSON.parse(linked))).toBe(
      JSON.stringify(JSON.parse(board)).replace('{"id":"links","value":[]}', () => `{"id":"links","value":${link}}`),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { eachOption, findOption, type Path } from '../../../src/config/file/option-tree.ts';
import { remedyForWrongSection } from '../../../src/config/file/wrong-section.ts';
import { webFileSchema } from '../../../src/config/web/web-file-schema.ts';
import { problemsOf } from '../support.ts';

describe('an option in the wrong place', () => {
  it.each<[string, Path, string | null]>([
    ['of an environment, of its thresholds', ['environments', 3, 'queue_age'], 'under environments[3].thresholds'],
    ['of an environment, of its reads', ['environments', 0, 'stats_interval'], 'under environments[0].poll'],
    ['of the thresholds, of an environment', ['environments', 0, 'thresholds', 'min_worker_count'], null],
    ['of an environment, of a connection', ['environments', 0, 'requests_per_minute'], 'under api'],
    ['of a connection, of another section', ['connections', 'aws', 'list_interval'], 'under poll'],
    [
      'of a connection, of an environment',
      ['connections', 'aws', 'environment_key_file'],
      'to an entry of environments',
    ],
    ['of the file, of a connection', ['api_key'], 'under api'],
    ['of the file, of a section', ['listen'], 'under server'],
    ['of a section, of the file', ['server', 'state_file'], 'at the top of the file'],
    ['of a section, of a section of sections', ['thresholds', 'starting'], 'under thresholds.state_age'],
    ['of two sections', ['enabled'], 'under sessions or under discovery'],
    ['of many', ['warning'], null],
    ['of none', ['colour'], null],
  ])('%s', (_, path, place) => {
    expect(remedyForWrongSection(path)).toBe(place === null ? null : `it belongs ${place}`);
  });

  it.each(Object.keys(webFileSchema.shape))('%s of the web configuration file', (key) => {
    const place = 'it belongs in the file that server.web_config_file names';
    expect(remedyForWrongSection([key])).toBe(place);
    expect(remedyForWrongSection(['server', key])).toBe(place);
    // As of a rate limit that is meant for requests to the API.
    expect(remedyForWrongSection(['api', key])).toBeNull();
  });

  it('is told where it is an option, whichever it is and wherever it stands', () => {
    const names = new Set<string>();
    eachOption((path) => names.add(path.split('.').at(-1)!.replace('[]', '')));
    const wrong: Path[] = [[], ['environments', 0], ['api'], ['poll'], ['thresholds'], ['server'], ['discovery']];
    let told = 0;
    for (const name of names) {
      for (const parent of wrong) {
        if (findOption([...parent, name]) !== null) continue;
        const [, place] =
          /^it belongs (?:under|to an entry of|at) (.*?)(?: or .*)?$/.exec(
            remedyForWrongSection([...parent, name]) ?? '',
          ) ?? [];
        if (place === undefined) continue;
        told += 1;
        const at = place === 'the top of the file' ? [] : place.split(/[.[\]]+/).filter((step) => step !== '');
        const steps = at.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
        const holder = remedyForWrongSection([...parent, name])!.includes('to an entry') ? [...steps, 0] : steps;
        expect(findOption([...holder, name]), `${name} in ${place}`).not.toBeNull();
      }
    }
    expect(told).toBeGreaterThan(200);
  });

  it('is a problem with that advice, which shows no key', async () => {
    expect(await problemsOf('api: {api_key: k}\nenvironments: [{id: e, queue_age: {warning: 5m}}]')).toEqual([
      '2:24: environments[0].queue_age: unknown option "queue_age"; it belongs under environments[0].thresholds',
    ]);
    const key = `sk-ant-api03-${'x'.repeat(40)}`;
    const problems = await problemsOf(
      `connections: {${key}: {queue_age: 5m}}\nenvironments: [{id: e, environment_key: k}]`,
    );
    expect(problems.join('\n')).not.toContain(key);
  });
});

it.each([
  ['a no-break space', 'api:\u00a0{api_key: k}', 'type the line again'],
  ['a colon of full width', 'api\uff1a {api_key: k}', 'type the line again'],
  ['an invisible character', 'a\u200bpi: {api_key: k}', 'type the line again'],
  ['a letter of another alphabet', 'apі: {api_key: k}', 'did you mean api?'],
])('an option with %s', async (_, line, remedy) => {
  const problems = await problemsOf(`${line}\nenvironments: [{id: e, environment_key: k}]`);
  expect(problems.join('\n')).toContain(remedy);
});

it.each([
  ['no space after a colon', 'api:\n  api_key:kkkk\nenvironments: [{id: e}]', 'put a space after the colon'],
  ['the id alone', 'api: {api_key: k}\nenvironments: [env_1]', 'write `- id: ` before it'],
  ['a text', 'poll: fast\napi: {api_key: k}\nenvironments: [{id: e}]', 'write `key: value` lines under it'],
])('a map of options that is %s', async (_, text, remedy) => {
  expect((await problemsOf(text)).join('\n')).toContain(remedy);
});

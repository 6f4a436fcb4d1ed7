import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { remedyForJoinedName, remedyForSectionPrefix } from '../../../src/config/file/joined-name.ts';
import { eachOption, type Path } from '../../../src/config/file/option-tree.ts';
import { problemsOf } from '../support.ts';

describe('the path of an option in one word', () => {
  it.each<[Path, string | null]>([
    [['log_level'], 'level under log'],
    [['loglevel'], 'level under log'],
    [['log.level'], 'level under log'],
    [['LOG_LEVEL'], 'level under log'],
    [['log', 'log_level'], 'level'],
    [['queue_age_warning'], 'warning under thresholds.queue_age'],
    [['environments', 0, 'queue_age_warning'], 'warning under thresholds.queue_age'],
    [['environments', 0, 'log_level'], 'level under log, at the top of the file'],
    [['level'], null],
    [['colour'], null],
  ])('%j', (path, place) => {
    expect(remedyForJoinedName(path)).toBe(place === null ? null : `did you mean ${place}?`);
  });

  it('is found for every option in a section', () => {
    eachOption((option) => {
      if (!option.includes('.') || /[*[]/.test(option)) return;
      const steps = option.split('.');
      const place = `did you mean ${steps.at(-1)} under ${steps.slice(0, -1).join('.')}?`;
      expect(remedyForJoinedName([option.replaceAll('.', '_')])).toBe(place);
    });
  });

  it('is looked for in any name', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        for (const told of [remedyForJoinedName([name]), remedyForSectionPrefix([name])])
          expect(told ?? 'did you mean x?').toMatch(/\?$/);
      }),
    );
  });

  it('names all options of a section that have a word', () => {
    expect(remedyForSectionPrefix(['sessions_items'])).toBe('did you mean max_items under sessions?');
    expect(remedyForSectionPrefix(['poll_interval'])).toMatch(
      /^did you mean one of stats_interval, list_interval, .* under poll\?$/,
    );
    expect(remedyForSectionPrefix(['poll_colour'])).toBeNull();
    expect(remedyForSectionPrefix(['interval'])).toBeNull();
  });
});

it('a key under its own name in the wrong section is told where it belongs, and not shown', async () => {
  const key = `sk-ant-api03-${'c'.repeat(40)}`;
  const problems = await problemsOf(`api_key: ${key}\nenvironments: [{id: e, environment_key: k, api_key: ${key}}]`);
  expect(problems).toEqual([
    '1:1: api_key: unknown option "api_key"; it belongs under api, as api_key or api_key_file',
    expect.stringMatching(/^2:\d+: environments\[0\]\.api_key: unknown option "api_key"/),
  ]);
  expect(problems.join()).not.toContain('ccc');
});

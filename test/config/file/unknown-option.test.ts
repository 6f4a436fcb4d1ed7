import { describe, expect, it } from 'vitest';
import { problemsOf } from '../support.ts';

const KEY = { files: { '/etc/exporter/key': 'a-key' } };
const API = 'api: {api_key_file: key}\n';

describe('one mistake is one problem', () => {
  it.each([
    ['a section with a slip', `${API}enviroments: [{id: env_1}]`, 'did you mean environments?'],
    ['a section in the singular', `${API}environment: [{id: env_1}]`, 'did you mean environments?'],
    ['discovery with a slip', `${API}discovrey: {enabled: true}`, 'did you mean discovery?'],
    ['a key in capitals', 'api: {apiKeyFile: key}\ndiscovery: {enabled: true}', 'did you mean api_key_file?'],
    [
      'a key of an environment with hyphens',
      'environments: [{id: e, environment-key: k}]',
      'did you mean environment_key?',
    ],
    ['a key beside its section', 'api_key_file: key\ndiscovery: {enabled: true}', 'it belongs under api'],
    [
      'the values of the chart',
      'config:\n  api: {api_key_file: key}\n  environments: [{id: env_1}]',
      'leave it out, and move what is under it to the top of the file',
    ],
    [
      'an option of a connection as its name',
      `connections: {api_key_file: key}\nenvironments: [{id: env_1, environment_key: k}]`,
      'it is an option of a connection: put it under api, or under a name of your choice under connections',
    ],
  ])('%s', async (_, yaml, remedy) => {
    const problems = await problemsOf(yaml, KEY);
    expect(problems.map((problem) => problem.split('; ').at(-1))).toEqual([remedy]);
  });

  it('and two are two: what is there as well is still checked', async () => {
    const problems = await problemsOf(`${API}environments: [{id: "a b"}]\nenviroments: [{id: env_1}]`, KEY);
    expect(problems).toEqual([
      expect.stringContaining('environments[0].id: must be an environment id'),
      expect.stringContaining('did you mean environments?'),
    ]);
  });

  it('an unknown map that holds no option of the file says what is known', async () => {
    const [problem] = await problemsOf(`${API}environments: [{id: env_1}]\nspec: {replicas: 2}`, KEY);
    expect(problem).toContain('unknown option "spec"; known here: ');
  });
});

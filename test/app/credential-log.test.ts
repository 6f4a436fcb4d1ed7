import { expect, it } from 'vitest';
import { CredentialLog } from '../../src/app/credential-log.ts';
import type { LogFields } from '../../src/base/logger.ts';
import { silentLogger } from '../../src/base/logger.ts';

it('says once that a key is refused, and once that it is taken again', () => {
  const lines: unknown[] = [];
  const write = (fields: LogFields) => void lines.push([fields.event, fields.environment_id]);
  const log = new CredentialLog({ ...silentLogger, info: write, warn: write });
  const judge = (environmentId: string | null, accepted: boolean) =>
    log.judged({
      connection: 'main',
      kind: environmentId === null ? 'api_key' : 'environment_key',
      environmentId,
      accepted,
    });
  judge('env_1', true);
  judge('env_1', false);
  judge('env_1', false);
  judge(null, false);
  judge('env_1', true);
  judge('env_1', true);
  expect(lines).toEqual([
    ['credential.rejected', 'env_1'],
    ['credential.rejected', null],
    ['credential.accepted', 'env_1'],
  ]);
  log.forget('main', 'env_1');
  judge('env_1', false);
  log.forget('main', 'env_1');
  judge('env_1', false);
  expect(lines.slice(3)).toEqual([
    ['credential.rejected', 'env_1'],
    ['credential.rejected', 'env_1'],
  ]);
});

import { describe, expect, it } from 'vitest';
import { configOf } from '../../config/support.ts';
import { ofKind, onlyOf } from '../kubernetes-object.ts';
import { configText, container, keyFiles, NO_VALUES } from './chart-objects.ts';
import { CHART, helmWith, rendered, type Values } from './helm.ts';

describe('shards', () => {
  it('are the pods of a StatefulSet, each told how many there are', () => {
    const objects = rendered('shards-values.yaml');
    const { spec } = onlyOf(objects, 'StatefulSet');
    expect(spec).toMatchObject({ replicas: 3, podManagementPolicy: 'Parallel' });
    expect(container(objects).args).toEqual([
      'serve',
      '--config=/etc/anthropic-work-exporter/exporter.yaml',
      '--shard=auto/3',
    ]);
    expect(spec.serviceName).toBe(onlyOf(objects, 'Service').metadata.name);
  });

  it.each([0, 1, 2])('pod %i takes the configuration and its part of it', async (index) => {
    const objects = rendered('shards-values.yaml');
    const text = configText(objects);
    const [flag] = container(objects).args.slice(-1);
    const config = await configOf(text, {
      files: keyFiles(text),
      flags: { shard: flag.replace('--shard=', '') },
      hostName: `${onlyOf(objects, 'StatefulSet').metadata.name}-${index}`,
    });
    expect(config.shard).toEqual({ index, count: 3 });
    expect(config.connections[0]!.requestsPerMinute).toBe(1000);
    expect(config.stateFile).toBe(`/var/lib/anthropic-work-exporter/state.json.${index}`);
  });

  it('have a claim each for their counters', () => {
    const objects = rendered('shards-values.yaml');
    expect(ofKind(objects, 'PersistentVolumeClaim')).toEqual([]);
    const [claim, ...more] = onlyOf(objects, 'StatefulSet').spec.volumeClaimTemplates;
    expect(more).toEqual([]);
    const alone = onlyOf(rendered({ persistence: { enabled: true } }), 'PersistentVolumeClaim');
    expect(claim.spec).toEqual(alone.spec);
    expect(claim.metadata.name).toBe('state');
  });

  it('leave their claim behind when the release goes, and not when they are removed from it', () => {
    const { spec } = onlyOf(rendered('shards-values.yaml'), 'StatefulSet');
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Retain', whenScaled: 'Delete' });
    const without = onlyOf(rendered({ shards: 3 }), 'StatefulSet');
    expect(without.spec).not.toHaveProperty('persistentVolumeClaimRetentionPolicy');
  });

  it('leave a Deployment alone: one shard is none', () => {
    expect(rendered({ shards: 1 })).toEqual(rendered(NO_VALUES));
    expect(container(rendered(NO_VALUES)).args).not.toContainEqual(expect.stringContaining('shard'));
  });

  it.each<readonly [string, Values, string]>([
    ['replicas', { shards: 3, replicas: 2 }, 'replicas is for a fleet that is not divided'],
    [
      'one claim',
      { shards: 3, persistence: { enabled: true, existingClaim: 'disk' } },
      'persistence.existingClaim is one claim',
    ],
    ['a shard of the configuration', { config: { shard: '0/3' } }, 'config.shard would make every pod the same shard'],
    ['a long name', { shards: 2, fullnameOverride: 'a'.repeat(53) }, 'at most 52 characters'],
  ])('do not go with %s', (_, values, problem) => {
    const { status, stderr } = helmWith(['template', 'work', CHART], values);
    expect(status).not.toBe(0);
    expect(stderr).toContain(problem);
  });

  it('are in the notes', () => {
    const { stdout } = helmWith(['install', 'work', CHART, '--dry-run=client', '--namespace', 'monitoring'], {
      shards: 3,
    });
    expect(stdout).toMatch(/exec .* work-anthropic-work-exporter-0 .* check --live .* --shard=auto\/3\n/);
  });
});

import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { CachedCluster } from './cached-cluster.ts';
import { Cluster } from './cluster.ts';
import { CHART } from './helm/helm.ts';

const CODE = [import.meta.filename, new URL('cluster.ts', import.meta.url).pathname];
const cluster = new CachedCluster(CODE, () => Cluster.start());
afterAll(() => cluster[Symbol.asyncDispose]());

type Values = Readonly<Record<string, unknown>>;

/** A release of the chart in a namespace of its own. */
class Release {
  readonly #place: string;

  constructor(purpose: string, values: Values) {
    this.#place = cluster.fresh(purpose);
    expect(this.kubectl('create', 'namespace', this.#place).stderr).toBe('');
    expect(this.install(values)).toBe('');
  }

  /** What stops it; empty where nothing does. */
  install(values: Values, name = 'work'): string {
    return this.#helm('install', values, name);
  }

  uninstall(): void {
    expect(cluster.run('helm', ['uninstall', 'work', '--namespace', this.#place]).stderr).toBe('');
  }

  upgrade(values: Values): string {
    return this.#helm('upgrade', values);
  }

  kubectl(...args: readonly string[]) {
    return cluster.kubectl([...args, '--namespace', this.#place]);
  }

  /** Runs the command that a message names. */
  follow(message: string): void {
    const [, command] = /Run this first: kubectl (.*?--namespace PLACE)/.exec(message)!;
    const { status, stderr } = cluster.kubectl(command!.replace('PLACE', this.#place).split(' '));
    expect(status, stderr).toBe(0);
  }

  #helm(command: 'install' | 'upgrade', values: Values, name = 'work'): string {
    const args = [command, name, CHART, '--namespace', this.#place, '--values', '-'];
    return cluster.run('helm', args, stringify(values)).stderr.replaceAll(this.#place, 'PLACE');
  }
}

const BASE = { fullnameOverride: 'queue' };
const persistent = (more: object = {}) => ({ ...BASE, persistence: { enabled: true, ...more } });
const IS_BEING_DELETED = 'the claim queue is being deleted, and the exporter would wait for it in vain.';
const NOT_ALLOWED = 'and Kubernetes does not allow that. Run this first: kubectl delete';

describe('an upgrade that Kubernetes would refuse', () => {
  it(
    'is told before anything changes, and passes after the command that it names: shards with claims',
    cluster.test(() => {
      const shards = { ...persistent({ storageClass: 'slow' }), shards: 2 };
      const release = new Release('claims', shards);
      const changed = (more: object) => release.upgrade({ ...shards, persistence: { ...shards.persistence, ...more } });
      const said = `persistence of the StatefulSet queue would change, ${NOT_ALLOWED} statefulset queue --namespace PLACE.`;
      for (const more of [{ enabled: false }, { size: '1Gi' }, { storageClass: 'fast' }, { annotations: { a: 'b' } }])
        expect(changed(more), JSON.stringify(more)).toContain(said);
      expect(release.kubectl('get', 'statefulset', 'queue', '--output=jsonpath={.metadata.generation}').stdout).toBe(
        '1',
      );
      const renamed = { ...shards, nameOverride: 'other' };
      expect(release.upgrade(renamed)).toContain(
        `by which labels the StatefulSet queue finds its pods, ${NOT_ALLOWED} statefulset queue`,
      );

      expect(changed({ size: '0.0625Gi', annotations: null })).toBe('');
      expect(release.upgrade({ ...shards, shards: 3, podLabels: { team: 'a' } })).toBe('');

      release.follow(changed({ size: '1Gi' }));
      expect(changed({ size: '1Gi' })).toBe('');
    }),
  );

  it(
    'is told for shards that have no claims yet, and for another name of one exporter',
    cluster.test(() => {
      const shards = { ...BASE, shards: 2 };
      const release = new Release('no-claims', shards);
      const later = { ...shards, ...persistent() };
      release.follow(release.upgrade(later));
      expect(release.upgrade(later)).toBe('');

      expect(release.upgrade(BASE)).toBe('');
      const renamed = { ...BASE, nameOverride: 'other' };
      const said = release.upgrade(renamed);
      expect(said).toContain(`by which labels the Deployment queue finds its pods, ${NOT_ALLOWED} deployment queue`);
      release.follow(said);
      expect(release.upgrade(renamed)).toBe('');
    }),
  );

  it(
    'is told for the claim of one exporter, which Helm would delete, or Kubernetes deletes already',
    cluster.test(() => {
      const release = new Release('claim', persistent({ storageClass: 'slow' }));
      expect(release.upgrade(persistent({ storageClass: 'fast' }))).toContain(
        'persistence.storageClass is fast, and the claim queue is of slow, which Kubernetes does not change.',
      );
      const own = persistent({ storageClass: 'slow', existingClaim: 'queue' });
      expect(release.upgrade(own)).toContain('persistence.existingClaim is queue, which this release made');
      const keep = { annotations: { 'helm.sh/resource-policy': 'keep' } };
      expect(release.upgrade(persistent({ ...keep, storageClass: 'slow' }))).toBe('');
      expect(release.upgrade(persistent({ ...keep, storageClass: 'fast' }))).toContain(
        'persistence.enabled=false first, delete the claim, which Helm keeps, with kubectl delete pvc/queue --namespace PLACE, and switch it on again',
      );
      expect(release.upgrade(own)).toBe('');
      expect(release.kubectl('get', 'pvc', 'queue', '--output=jsonpath={.metadata.deletionTimestamp}').stdout).toBe('');

      expect(release.upgrade(persistent({ existingClaim: 'another' }))).toBe('');
      expect(release.kubectl('delete', 'pvc', 'queue', '--wait=false').status).toBe(0);
      expect(release.upgrade(persistent())).toContain(IS_BEING_DELETED);
      // Shards have claims of their own.
      expect(release.upgrade({ ...persistent(), shards: 2 })).toBe('');
    }),
  );

  it(
    'is told for a claim of one exporter that would be smaller',
    cluster.test(() => {
      const release = new Release('smaller', persistent());
      const smaller = persistent({ size: '63Mi' });
      const said =
        'persistence.size is 63Mi, and the claim queue is one of 64Mi, which Kubernetes does not make smaller. Set persistence.size to 64Mi or more';
      expect(release.upgrade(smaller)).toContain(said);
      const has = (storage: string) =>
        release.kubectl(
          ...['patch', 'pvc', 'queue', '--subresource=status', '--type=merge'],
          `--patch=${JSON.stringify({ status: { phase: 'Bound', capacity: { storage } } })}`,
        );
      expect(has('1Gi').status).toBe(0);
      expect(release.upgrade(smaller)).toContain(said);
      // It was to grow, and did not.
      expect(has('32Mi').status).toBe(0);
      expect(release.upgrade(smaller)).toBe('');
      expect(release.upgrade(persistent({ size: '32Mi' }))).toContain('persistence.size is 32Mi');
    }),
  );

  it(
    'is told where the release is installed again while its last pod still holds the claim',
    cluster.test(() => {
      const release = new Release('again', persistent());
      release.uninstall();
      const said = release.install(persistent());
      expect(said).toContain(IS_BEING_DELETED);
      // What a cluster with a kubelet does once the pod is gone.
      release.kubectl('patch', 'pvc', 'queue', '--type=merge', '--patch={"metadata":{"finalizers":null}}');
      release.follow(said);
      expect(release.install(persistent())).toBe('');
    }),
  );

  it.each([{}, { shards: 2 }])(
    'is not told with a command that would delete what another release has: %j',
    cluster.test((more: Values) => {
      const release = new Release('others', BASE);
      const other = { fullnameOverride: 'other', ...more };
      expect(release.install(other, 'second')).toBe('');
      const said = release.upgrade(other);
      expect(said).toMatch(/exists and cannot be imported into the current release/);
      expect(said).not.toContain('kubectl delete');
    }),
  );

  it(
    'is not told of a claim that another release has, of which Helm says so',
    cluster.test(() => {
      const release = new Release('others-claim', persistent({ storageClass: 'slow', size: '2Gi' }));
      const said = release.install(persistent({ storageClass: 'fast', size: '1Gi' }), 'second');
      expect(said).toMatch(/exists and cannot be imported into the current release/);
      expect(said).not.toContain('persistence.');
    }),
  );

  it(
    'is none where a claim of that name is one of `extraObjects`',
    cluster.test(() => {
      const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
      const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'queue' }, spec };
      const values = { ...persistent({ existingClaim: 'queue' }), extraObjects: [claim] };
      const release = new Release('own-claim', values);
      expect(release.upgrade({ ...values, podLabels: { team: 'a' } })).toBe('');
    }),
  );
});

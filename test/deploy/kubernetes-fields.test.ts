import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { KUBERNETES_FIELDS } from '../../src/deploy/kubernetes-fields.ts';
import { schemaSources } from './schemas.ts';

const names = (properties: object) => Object.keys(properties).toSorted();

const { definitions } = JSON.parse(readFileSync(join(schemaSources('k8s.io/kubernetes'), 'swagger.json'), 'utf8'));
const operator = schemaSources('github.com/prometheus-operator/prometheus-operator');
const monitor = parse(readFileSync(join(operator, 'monitoring.coreos.com_servicemonitors.yaml'), 'utf8'));
const endpoint = monitor.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.endpoints.items.properties;

/** The members of an object, as those say who made it. */
function membersOf(kind: string): readonly string[] {
  const ofOperator = endpoint[kind];
  if (ofOperator !== undefined) return names((ofOperator.items ?? ofOperator).properties);
  const [name] = Object.keys(definitions).filter((one) => one.endsWith(`.v1.${kind}`));
  return names(definitions[name!].properties);
}

it.each(Object.entries(KUBERNETES_FIELDS))(
  'the chart takes every member that %s has, and no other',
  (kind, members) => {
    expect(members.toSorted()).toEqual(membersOf(kind));
  },
);

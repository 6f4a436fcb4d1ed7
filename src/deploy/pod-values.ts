import type { JsonSchema } from '../config/load/configuration-schema.ts';
import { explained } from './explained.ts';
import { objectOf } from './kubernetes-fields.ts';
import { labels, nameOrEmpty, part, textLike } from './kubernetes-names.ts';
import { LONGEST, listOf, probe, seconds, withoutKey } from './value-schemas.ts';

/** For Kubernetes, an empty `value` is none. */
const BOTH_VALUES: JsonSchema = {
  required: ['value', 'valueFrom'],
  properties: { value: { type: 'string', minLength: 1 }, valueFrom: { type: 'object' } },
};

/** The schema of the values that become parts of the pod's spec as they are, by name. */
export const POD_VALUES: JsonSchema = {
  podSecurityContext: objectOf('PodSecurityContext'),
  securityContext: objectOf('SecurityContext'),
  resources: objectOf('ResourceRequirements'),
  livenessProbe: probe(1),
  readinessProbe: probe(LONGEST),
  terminationGracePeriodSeconds: { ...seconds, minimum: 0 },
  priorityClassName: nameOrEmpty,
  nodeSelector: labels,
  tolerations: listOf(objectOf('Toleration')),
  affinity: objectOf('Affinity'),
  topologySpreadConstraints: listOf(objectOf('TopologySpreadConstraint')),
  extraEnv: listOf({
    ...objectOf('EnvVar', { name: textLike('^[!-<>-~]+$', 'the name of a variable'), value: withoutKey }),
    required: ['name'],
    ...explained({ not: BOTH_VALUES }, 'a variable with either value or valueFrom, not both'),
  }),
  extraEnvFrom: listOf(objectOf('EnvFromSource')),
  extraVolumes: listOf(objectOf('Volume', { name: part })),
  extraVolumeMounts: listOf(
    objectOf('VolumeMount', { name: part, mountPath: textLike('^[^:]+$', 'a path of the container') }),
  ),
  extraContainers: listOf(objectOf('Container', { name: part, image: textLike('.', 'an image') })),
};

import type { JsonSchema } from '../config/load/configuration-schema.ts';
import { ALERT_NAMES } from '../rules/alerts.ts';
import { objectOf } from './kubernetes-fields.ts';
import { annotations, labelOrEmpty, labels, name, nameOrEmpty, partOrEmpty, textLike } from './kubernetes-names.ts';
import { POD_VALUES } from './pod-values.ts';
import {
  address,
  anObject,
  anyMap,
  flag,
  IMAGE_PART,
  interval,
  listOf,
  port,
  REGISTRY,
  section,
} from './value-schemas.ts';
import { ADDITIONAL_LABELS, OTHER_IMAGE_VALUES } from './values-elsewhere.ts';

/** The values that the templates cannot do without: in Helm, a value that is left empty loses its default. */
export const NEEDED_VALUES: readonly string[] = [
  'commonLabels',
  'config',
  'dashboards',
  'image',
  'links',
  'networkPolicy',
  'persistence',
  'podDisruptionBudget',
  'prometheusRule',
  'replicas',
  'scheme',
  'service',
  'serviceAccount',
  'serviceMonitor',
  'terminationGracePeriodSeconds',
];

/** The schema of every value of the chart but `config`, by name. */
export const CHART_VALUES: JsonSchema = {
  // For charts that contain this one: Helm itself adds `global`, and `enabled` is what the `condition` of a dependency
  // usually names.
  global: anyMap,
  enabled: flag,
  nameOverride: partOrEmpty,
  fullnameOverride: labelOrEmpty,
  image: section(
    {
      repository: textLike(
        `^(${REGISTRY}/)?${IMAGE_PART}(/${IMAGE_PART})*$`,
        'where the image lies, in small letters and without its tag; for example ghcr.io/corp/anthropic-work-exporter',
      ),
      tag: textLike('^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$', 'a tag, or nothing for the version of the chart'),
      digest: textLike('^(sha256:[0-9a-f]{64})?$', 'sha256: and 64 hexadecimal digits'),
      pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
      ...OTHER_IMAGE_VALUES,
    },
    'repository',
    'pullPolicy',
  ),
  imagePullSecrets: { type: 'array', items: section({ name }, 'name') },
  existingSecrets: { type: 'array', items: name, uniqueItems: true },
  // It is inserted between quotes into the expressions of the rules.
  job: textLike('^[A-Za-z0-9_./-]{0,253}$', 'the name of a scrape job: letters, digits, _, ., / and -'),
  replicas: { type: 'integer', minimum: 0, maximum: 10 },
  shards: { type: 'integer', minimum: 1, maximum: 100 },
  persistence: section(
    {
      enabled: flag,
      existingClaim: nameOrEmpty,
      storageClass: nameOrEmpty,
      size: textLike(
        '^([1-9][0-9]*(\\.[0-9]+)?|0?\\.[0-9]*[1-9][0-9]*)(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$',
        'a size; for example 64Mi',
      ),
      annotations,
    },
    'size',
  ),
  service: section(
    {
      type: { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
      port,
      annotations,
      labels,
    },
    'port',
    'type',
  ),
  scheme: { enum: ['HTTP', 'HTTPS'] },
  serviceMonitor: section(
    {
      enabled: flag,
      namespace: partOrEmpty,
      additionalLabels: ADDITIONAL_LABELS,
      labels,
      annotations,
      interval,
      scrapeTimeout: interval,
      tlsConfig: objectOf('tlsConfig'),
      basicAuth: objectOf('basicAuth'),
      relabelings: listOf(objectOf('relabelings')),
      metricRelabelings: listOf(objectOf('relabelings')),
    },
    'interval',
    'scrapeTimeout',
  ),
  prometheusRule: section({
    enabled: flag,
    namespace: partOrEmpty,
    additionalLabels: ADDITIONAL_LABELS,
    labels,
    annotations,
    disabledAlerts: { type: 'array', items: { enum: [...ALERT_NAMES] }, uniqueItems: true },
  }),
  links: section({ runbookBaseUrl: address, dashboardBaseUrl: address }),
  dashboards: section({ enabled: flag, labels, annotations, namespace: partOrEmpty }),
  networkPolicy: section(
    {
      enabled: flag,
      ingressFrom: listOf(objectOf('NetworkPolicyPeer')),
      egressTo: listOf(objectOf('NetworkPolicyPeer')),
      dnsPorts: { type: 'array', items: port, uniqueItems: true },
      egressPorts: { type: 'array', items: port, uniqueItems: true },
    },
    'dnsPorts',
    'egressPorts',
  ),
  podDisruptionBudget: section({ enabled: flag }),
  serviceAccount: section({ create: flag, name: nameOrEmpty, annotations }),
  podAnnotations: annotations,
  podLabels: labels,
  commonLabels: labels,
  ...POD_VALUES,
  extraObjects: { type: 'array', items: anObject },
};

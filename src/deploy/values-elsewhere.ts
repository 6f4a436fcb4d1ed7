import type { JsonSchema } from '../config/load/configuration-schema.ts';
import { explained } from './explained.ts';

/** A value that other charts have. What it says is never taken. */
const left = (instead: string): JsonSchema => explained({ not: {} }, `left out: ${instead}`);
const here = (place: string) => left(`here it is ${place}`);

/** Labels by which a Prometheus selects, as other charts call them. */
export const ADDITIONAL_LABELS: JsonSchema = here('labels, beside it');

/** Values that other charts have at the top, each with what to do here. Without them, Helm only says that they are unknown. */
export const VALUES_ELSEWHERE: Readonly<Record<string, JsonSchema>> = {
  annotations: here('podAnnotations'),
  apiKey: left('a key belongs in a Secret, which existingSecrets names'),
  autoscaling: left('shards divides the environments among several pods'),
  containerSecurityContext: here('securityContext'),
  env: here('extraEnv'),
  envFrom: here('extraEnvFrom'),
  existingSecret: here('existingSecrets, a list'),
  extraDeploy: here('extraObjects'),
  extraEnvVars: here('extraEnv'),
  extraManifests: here('extraObjects'),
  ingress: left('an Ingress belongs in extraObjects'),
  labels: here('commonLabels'),
  pdb: here('podDisruptionBudget'),
  podMonitor: here('serviceMonitor'),
  replicaCount: here('replicas'),
  secretName: here('existingSecrets, a list'),
  sidecars: here('extraContainers'),
  volumeMounts: here('extraVolumeMounts'),
  volumes: here('extraVolumes'),
};

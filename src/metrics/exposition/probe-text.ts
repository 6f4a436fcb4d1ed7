import { CATALOGUE } from '../catalogue/catalogue.ts';
import type { Format } from './format.ts';
import { encodeHead, encodeSample } from './text-encoder.ts';

/** The outcome of one `/probe`. */
export interface ProbeResult {
  readonly success: boolean;
  readonly durationSeconds: number;
}

/** The two metrics of `/probe`; they follow the series of the environment and precede `expositionEnd`. */
export function writeProbe({ success, durationSeconds }: ProbeResult, format: Format): Buffer {
  const values = { probe_success: success ? 1 : 0, probe_duration_seconds: durationSeconds } as const;
  const family = (name: keyof typeof values) =>
    encodeHead({ name, ...CATALOGUE[name] }, format) + encodeSample(name, '', values[name]);
  return Buffer.from(family('probe_success') + family('probe_duration_seconds'));
}

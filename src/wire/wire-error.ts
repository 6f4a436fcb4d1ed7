import { ExporterError } from '../base/errors.ts';

/** A body that is JSON but not what the Work API sends. Names the place and the kind of value, never the value. */
export class WireError extends ExporterError {
  /** Where in the body, e.g. `data[3].created_at`; empty for the body itself. */
  readonly path: string;

  constructor(path: string, expected: string, found: unknown) {
    const where = path === '' ? 'the body' : path;
    super('wire_unexpected', `${where} should be ${expected} and is ${kindOf(found)}`, {
      remedy: 'Check that base_url and provider name a Work API; if they do, the API has changed: report it.',
    });
    this.path = path;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' && value === '' ? 'an empty string' : `a ${typeof value} that does not fit`;
}

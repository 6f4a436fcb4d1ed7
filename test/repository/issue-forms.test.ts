import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { PROVIDERS } from '../../src/wire/presets.ts';
import { ROOT } from '../support/processes.ts';

const FOLDER = join(ROOT, '.github/ISSUE_TEMPLATE');

const validations = z.strictObject({ required: z.boolean() }).optional();
const id = z.string().regex(/^[\w-]+$/);
const text = { label: z.string().min(1), description: z.string().optional() };

/** What GitHub accepts as a form, as far as these forms use it. */
const form = z.strictObject({
  name: z.string().min(1),
  description: z.string().min(1),
  labels: z.array(z.string()),
  body: z.array(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('markdown'), attributes: z.strictObject({ value: z.string() }) }),
      z.strictObject({ type: z.literal('input'), id, attributes: z.strictObject(text), validations }),
      z.strictObject({
        type: z.literal('textarea'),
        id,
        attributes: z.strictObject({ ...text, render: z.string().optional() }),
        validations,
      }),
      z.strictObject({
        type: z.literal('dropdown'),
        id,
        attributes: z.strictObject({ ...text, options: z.array(z.string()).min(1) }),
        validations,
      }),
    ]),
  ),
});

const names = readdirSync(FOLDER).filter((name) => name !== 'config.yml');
const read = (name: string) => form.parse(parse(readFileSync(join(FOLDER, name), 'utf8')));

describe('the issue forms', () => {
  it.each(names)('%s is one that GitHub accepts', (name) => {
    const { body } = read(name);
    const ids = body.flatMap((field) => ('id' in field ? [field.id] : []));
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('ask for a provider that there is', () => {
    const field = read('bug.yml').body.find((one) => 'id' in one && one.id === 'provider');
    expect(field).toMatchObject({ attributes: { options: [...PROVIDERS] } });
  });

  it('warn of keys where configuration and logs are asked for', () => {
    expect(read('bug.yml').body[0]).toMatchObject({
      attributes: { value: expect.stringContaining('Never paste a key') },
    });
  });
});

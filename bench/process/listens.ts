/**
 * What the production dependencies cost by themselves: a program that imports them, listens and says so. It is bundled
 * before it is measured.
 */
import 'bcrypt';
import 'commander';
import 'fastest-levenshtein';
import 'negotiator';
import 'undici';
import 'yaml';
import 'zod';
import fastify from 'fastify';
import pino from 'pino';
import { Registry } from 'prom-client';

const app = fastify({ logger: false });
const registry = new Registry();
pino({ level: 'silent' });
app.get('/metrics', async () => registry.metrics());
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });

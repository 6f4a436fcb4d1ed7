import type { FastifyReply } from 'fastify';
import { CONTENT_SECURITY_POLICY } from './markup/page-style.ts';

/** Marks a reply as a page: its policy allows the style and the script of the pages, and nothing else. */
export function pageReply(reply: FastifyReply): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('content-security-policy', CONTENT_SECURITY_POLICY);
}

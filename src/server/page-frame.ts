import { createHash } from 'node:crypto';
import { hasOtherShards } from '../domain/shard.ts';
import { Html, html, timeHtml } from './html.ts';
import { SCRIPT } from './page-script.ts';
import { STYLE } from './page-style.ts';
import type { DrillInfo, ServerDeps } from './server-deps.ts';

interface PageParts {
  readonly title: string;
  readonly main: Html;
  /** Lines below the page. */
  readonly notes?: Html | null;
  readonly now: number;
}

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing may be loaded, framed or posted. Only the page's own style and script apply, and it may fetch itself. */
export const CONTENT_SECURITY_POLICY = `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

/** What all pages share. It loads nothing from elsewhere, and is complete without its script. */
export function pageFrame<Format>(
  { drill, shard, version }: Pick<ServerDeps<Format>, 'drill' | 'shard' | 'version'>,
  { title, main, notes = null, now }: PageParts,
): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><a href="/"><strong>anthropic-work-exporter</strong></a>
<nav aria-label="Other pages">
<a href="/metrics">Metrics</a>
<a href="/api/v1/environments">JSON</a>
<a href="/-/healthy">Health</a>
<a href="/-/ready">Readiness</a>
<a href="/runbooks">Runbooks</a>
</nav></header>
<p id="gone" class="gone" role="alert" hidden></p>
<p id="news" class="unseen" role="status"></p>
<main>
${drillBanner(drill.info, now)}
${main}
</main>
<footer>
<span>As of ${timeHtml(now, now)}. <noscript>Reload the page to see more recent numbers.</noscript></span>
${notes}
<span>Version ${version}</span>
<span>Shard ${shard}${hasOtherShards(shard) ? ': other shards watch the other environments' : null}</span>
</footer>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.toString();
}

/** A drill looks like an incident, and must never be taken for one. */
function drillBanner(drill: DrillInfo | null, now: number): Html | null {
  if (drill === null) return null;
  return html`<p class="drill" role="note" data-key="drill"><strong>A drill is running: ${drill.condition}.</strong> ${drill.environmentName} is made up, and so is its alert. It ends ${timeHtml(drill.endsAt, now)}, or with <code>DELETE /-/drill</code>.</p>`;
}

import { hasOtherShards } from '../../../domain/shard.ts';
import type { DrillInfo } from '../../http/server-deps.ts';
import { drillBanner } from './exporter-section.ts';
import { Html, html } from './html.ts';
import { SCRIPT } from './page-script.ts';
import { STYLE } from './page-style.ts';
import { timeHtml } from './time-html.ts';

interface PageParts {
  readonly title: string;
  readonly main: Html;
  /** Lines below the page. */
  readonly notes?: Html | null;
  /** The drill that a banner announces; null: none. */
  readonly drill?: DrillInfo | null;
  readonly now: number;
  readonly shard: string;
  readonly version: string;
}

/** What all pages share. It loads nothing from elsewhere, and is complete without its script. */
export function pageFrame({ title, main, notes = null, drill = null, now, shard, version }: PageParts): string {
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
${drillBanner(drill, now)}
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

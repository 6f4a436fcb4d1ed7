import { build, type Plugin } from 'esbuild';

/** The code editor is megabytes and never drawn. */
const withoutEditor: Plugin = {
  name: 'without-editor',
  setup(bundle) {
    const filter = /^(monaco-editor|react-monaco-editor)/;
    bundle.onResolve({ filter }, ({ path }) => ({ path, namespace: 'nothing' }));
    bundle.onLoad({ filter, namespace: 'nothing' }, () => ({
      contents:
        'module.exports = new Proxy(function () {}, { get: (own, key) => (key === "__esModule" ? undefined : own) })',
      loader: 'js',
    }));
  },
};

/** Bundles the page into `dist`. */
export async function buildPage(folder: string): Promise<void> {
  await build({
    absWorkingDir: folder,
    entryPoints: ['src/main.tsx'],
    outdir: 'dist',
    bundle: true,
    format: 'esm',
    splitting: true,
    jsx: 'automatic',
    target: 'es2022',
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"', 'process.env': '{}', global: 'globalThis' },
    alias: { 'react-router-dom-v5-compat': 'react-router-dom' },
    loader: { '.woff2': 'file', '.woff': 'file', '.ttf': 'file', '.svg': 'text', '.png': 'dataurl' },
    plugins: [withoutEditor],
  });
}

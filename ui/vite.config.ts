import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/**
 * The Content-Security-Policy allows images from our own origin only, so the icons that
 * Designsystemet's CSS carries as data: URLs become files of their own. Absolute addresses,
 * because a relative url() inside a custom property is resolved where it is used.
 */
function iconsAsFiles(): Plugin {
  const dataUrl = /url\((["']?)data:image\/svg\+xml;charset=utf-8,([^"')]+)\1\)/g;
  return {
    name: 'icons-as-files',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const emit = (encoded: string) => {
        const source = decodeURIComponent(encoded);
        return this.getFileName(this.emitFile({ type: 'asset', name: 'icon.svg', source }));
      };
      for (const file of Object.values(bundle)) {
        if (file.type !== 'asset' || !file.fileName.endsWith('.css')) continue;
        const css = String(file.source).replace(
          dataUrl,
          (_, _quote, data) => `url("/${emit(data)}")`,
        );
        if (css.includes('url(data:') || css.includes('url("data:')) {
          this.error(`${file.fileName} still has a data: URL, which the policy forbids`);
        }
        file.source = css;
      }
    },
  };
}

/** Starts the font's download together with the style sheet's. */
function preloadFont(): Plugin {
  return {
    name: 'preload-font',
    apply: 'build',
    enforce: 'post',
    transformIndexHtml(_, { bundle }) {
      const fonts = Object.keys(bundle ?? {}).filter((name) => name.endsWith('.woff2'));
      return fonts.map((name) => ({
        tag: 'link',
        attrs: {
          rel: 'preload',
          as: 'font',
          type: 'font/woff2',
          crossorigin: '',
          href: `/${name}`,
        },
        injectTo: 'head' as const,
      }));
    },
  };
}

export default defineConfig({
  resolve: {
    // Only the custom elements that we use; see the file.
    alias: [
      {
        find: /^@digdir\/designsystemet-web$/,
        replacement: fileURLToPath(new URL('src/shared/elements.ts', import.meta.url)),
      },
    ],
  },
  plugins: [react(), iconsAsFiles(), preloadFont()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ['index.html', 'staff.html'],
      treeshake: {
        // Nothing in these happens by being imported, though they do not say so themselves.
        moduleSideEffects: [
          {
            test: /@digdir\/designsystemet-react\/|@floating-ui\/|@tanstack\//,
            sideEffects: false,
          },
        ],
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
});

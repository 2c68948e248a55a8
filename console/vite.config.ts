import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// What is built must run under `default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'`:
// nothing inlined, no polyfill that writes script, every asset a file with its hash in its name.
export default defineConfig({
  plugins: [svelte({ compilerOptions: { css: 'external' } })],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    reportCompressedSize: true,
    sourcemap: false,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8090', '/report': 'http://127.0.0.1:8090' } },
});

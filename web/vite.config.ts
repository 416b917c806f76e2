import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const folder = fileURLToPath(new URL('.', import.meta.url));
const builtFolder = fileURLToPath(new URL('../dist/web', import.meta.url));
/** Where the service listens while the pages are worked on: `npx vite web` passes requests on to it. */
const service = 'http://127.0.0.1:8000';

/** Every file once more as gzip and Brotli, so that a crowd costs the server no compressing. */
const compressedOnce: Plugin = {
  name: 'compressed-once',
  closeBundle() {
    for (const path of globSync('**/*.{html,js,css,svg}', { cwd: builtFolder })) {
      const file = `${builtFolder}/${path}`;
      const content = readFileSync(file);
      writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
      writeFileSync(`${file}.br`, brotliCompressSync(content));
    }
  },
};

/** Two pages, each with its own entry, so that a buyer does not load the console. */
export default defineConfig({
  root: folder,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: builtFolder,
    emptyOutDir: true,
    target: 'es2022',
    // Every browser that runs the pages loads modules by itself.
    modulePreload: false,
    rolldownOptions: { input: [`${folder}index.html`, `${folder}console.html`] },
  },
  plugins: [compressedOnce],
  server: { proxy: { '/api': service, '/simulated-payments': service } },
});

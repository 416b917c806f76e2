/**
 * Builds the storefront and the console into `dist/web/`. Called by `npm ci` too, which may have left the development packages out:
 * a server that only serves the API needs no pages.
 */
const isInstall = process.env.npm_lifecycle_event === 'prepare';

const vite = await import('vite').catch((error: unknown) => {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
  if (!isMissing || !isInstall) {
    throw error;
  }
  process.stdout.write(
    'Pages are not built: that needs the development packages, so npm ci without --omit=dev\n',
  );
});
await vite?.build({
  configFile: new URL('../web/vite.config.ts', import.meta.url).pathname,
  logLevel: isInstall ? 'warn' : 'info',
});

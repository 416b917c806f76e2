import { execSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/*
 * Run by npm after an installation and before packing. The pages are built for browsers, and what others import because Node
 * strips no types below `node_modules`. The service itself runs as it is.
 */
if (existsSync('node_modules/typescript')) {
  execSync('npm run --silent build', { stdio: 'inherit' });
} else {
  process.stdout.write(
    'Without the development packages the storefront, the console and the client are not built\n',
  );
}

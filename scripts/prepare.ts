import { execSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/*
 * Run by npm after an installation and before packing. What others import is built, because Node strips no types below
 * `node_modules`. After `npm ci --omit=dev` there is no compiler, and nobody to import it either: the service itself runs as
 * it is.
 */
if (existsSync('node_modules/typescript')) {
  execSync('npm run build', { stdio: 'inherit' });
}

import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The value of `NODE_COMPILE_CACHE` for processes that tests start. Without it each of them compiles the same
 * files again, which is a fifth of what the start of the service costs and nearly all of a smaller script's.
 */
export const compileCache = join(tmpdir(), 'node-compile-cache');

import './quick-start.js';
import { surviveHangUp } from './cli/hang-up.ts';

surviveHangUp();

// A reader may leave early, as in `bin/flash-sale audit | head`. A server then goes on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => undefined);
}

// Not imported above, so that all of it comes out of the cache. The commands load what they need when they run.
const { runCommandLine } = await import('./cli/command-line.ts');
await runCommandLine();

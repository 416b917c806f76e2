import { join, resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vitest/config';

const root = resolve(import.meta.dirname, '../../..');
const inPlaceOf = ['domain/decide.ts', 'engine/engine.ts', 'workers/parked-events-worker.ts'];

/** By what a module of the service is replaced, whoever imports it. */
const replaced = new Map(
  inPlaceOf.map((path) => [join(root, 'src', path), join(import.meta.dirname, path.split('/')[1] ?? '')]),
);

/** What the defects are made of is what ships. */
const madeOf = [
  import.meta.dirname,
  join(root, 'test/support/defects.ts'),
  join(root, 'test/support/engine-defects.ts'),
];

const defective: Plugin = {
  name: 'defective',
  enforce: 'pre',
  resolveId: (source, importer = '') =>
    source.startsWith('.') && !madeOf.some((path) => importer.startsWith(path))
      ? replaced.get(resolve(importer, '..', source))
      : undefined,
};

/** The tests of the rules, the engine and the workers, on what has the defect at hand. They end with the first one that fails. */
export default defineConfig({
  root,
  plugins: [defective],
  test: {
    include: [
      'src/{domain,engine}/*.test.ts',
      'src/workers/rounds.test.ts',
      'test/properties/*.test.ts',
      'test/conformance/engine.test.ts',
    ],
    // On the embedded database only, without a server.
    testNamePattern: /^(?!.*(MariaDB|MySQL|PostgreSQL))/,
    pool: 'forks',
    maxWorkers: 1,
    isolate: false,
    bail: 1,
    testTimeout: 30_000,
  },
});

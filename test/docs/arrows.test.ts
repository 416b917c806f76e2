import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAst } from 'vitest/node';

const everything = [
  'app.ts',
  'quick-start.js',
  'compile-cache.ts',
  'node',
  'processes',
  'cli',
  'config',
  'http',
  'engine',
  'domain',
  'store',
  'payments',
  'deliveries',
  'workers',
  'cache',
  'live',
  'redis',
  'telemetry',
  'package.json',
];

/** What of the store reads only, and what its port throws. */
const readPort = ['store/store-reader.ts', 'store/store-error.ts'];

/**
 * Who may import whom inside `src/`, and so the architecture in one table. Each folder may import itself.
 * `type x`: only the types of x, so nothing of x runs because of it. A path with `.ts` names one file of a
 * folder that is closed otherwise. No row names `store/dialects` but the store's: nobody else may know which
 * database it is.
 */
const arrows: Readonly<Record<string, readonly string[]>> = {
  'main.ts': everything,
  'server-main.ts': everything,
  'app.ts': everything,
  'compile-cache.ts': [],
  node: everything,
  client: [],
  // A command of the checkout only, so the one file of bench/ is loaded when it runs.
  cli: [...everything, 'bench/run-bench.ts'],
  config: [],
  http: [
    'engine',
    'domain',
    'cache',
    'live',
    'telemetry',
    'config',
    'type payments',
    'store/outbox.ts',
    ...readPort,
  ],
  engine: ['domain', 'store/store.ts', ...readPort],
  domain: [],
  store: ['store/dialects', 'domain', 'type config'],
  'store/dialects': ['store', 'domain'],
  payments: ['domain', 'type engine', 'type config', ...readPort],
  deliveries: ['type domain'],
  workers: ['engine', 'domain', 'payments/payment-provider.ts', 'deliveries', 'store/outbox.ts', ...readPort],
  cache: ['domain', 'redis'],
  live: ['domain', 'cache', 'redis', 'telemetry', 'workers/worker.ts', ...readPort],
  redis: [],
  telemetry: ['domain'],
  processes: ['cache', 'telemetry', 'type live', 'type domain', 'type config'],
};

/** The same for the folders of `bench/` among each other. What they take from elsewhere is free: they look at everything from outside. */
const benchArrows: Readonly<Record<string, readonly string[]>> = {
  measure: [],
  charts: ['measure'],
  load: ['measure'],
  report: ['measure', 'charts', 'load', 'comparisons'],
  peers: [],
  servers: ['peers'],
  comparisons: ['measure', 'load', 'peers'],
  growth: ['measure', 'load', 'report'],
  limits: ['measure', 'load', 'report'],
  soak: ['measure', 'load'],
};

/**
 * Packages, built-in ones included, that are used in these places only. `domain` uses none at all, and `client`, which runs in
 * browsers, none but those with a home there.
 */
const homes: Readonly<Record<string, readonly string[]>> = {
  'eventsource-parser': ['client'],
  fastify: ['http', 'app.ts'],
  ioredis: ['redis'],
  'prom-client': ['telemetry'],
  '@opentelemetry/api': ['telemetry'],
  '@opentelemetry/exporter-trace-otlp-http': ['telemetry'],
  '@opentelemetry/resources': ['telemetry'],
  '@opentelemetry/sdk-trace': ['telemetry'],
  kysely: ['store', 'store/dialects'],
  'node:sqlite': ['store/dialects'],
};

type Import = {
  readonly specifier: string;
  readonly typeOnly: boolean;
};

/** Every import, export-from, dynamic import and type import below a node of a syntax tree. */
function importsBelow(node: unknown): Import[] {
  if (typeof node !== 'object' || node === null) {
    return [];
  }
  const below = Object.values(node).flatMap(importsBelow);
  if (!('source' in node && 'type' in node)) {
    return below;
  }
  const kind = 'importKind' in node ? node.importKind : 'exportKind' in node ? node.exportKind : 'value';
  const typeOnly = kind === 'type' || node.type === 'TSImportType';
  return isLiteral(node.source) ? [{ specifier: node.source.value, typeOnly }, ...below] : below;
}

function isLiteral(node: unknown): node is { value: string } {
  return typeof node === 'object' && node !== null && 'value' in node && typeof node.value === 'string';
}

/** The row of the table that a path below `src/` belongs to: the longest one that it starts with. */
function rowOf(path: string): string | undefined {
  return Object.keys(arrows)
    .filter((row) => path === row || path.startsWith(`${row}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** What is wrong with the imports of one file: a sentence for each. `path` is relative to `src/`. */
function forbiddenImports(path: string, source: string): string[] {
  const row = rowOf(path);
  if (row === undefined) {
    return [`${path} has no row in the table of arrows`];
  }
  const allowed = arrows[row] ?? [];
  return importsBelow(parseAst(source, { lang: 'ts' }))
    .filter(({ specifier, typeOnly }) => {
      if (!specifier.startsWith('.')) {
        const isHome = homes[specifier]?.includes(row);
        return row === 'domain' || isHome === false || (row === 'client' && isHome !== true);
      }
      const target = posix.normalize(posix.join('src', posix.dirname(path), specifier)).replace(/^src\//, '');
      const targetRow = rowOf(target) ?? target;
      const named = targetRow === row || allowed.includes(target) || allowed.includes(targetRow);
      return !(named || (typeOnly && allowed.includes(`type ${targetRow}`)));
    })
    .map(({ specifier }) => `${path} imports ${specifier}`);
}

describe('the arrows between the folders', () => {
  const paths = globSync('**/*.{ts,mjs}', { cwd: 'src' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.endsWith('.test.ts'));

  it('hold for every file under src', () => {
    expect(paths).toContain('domain/hold.ts');
    expect(paths.flatMap((path) => forbiddenImports(path, readFileSync(`src/${path}`, 'utf8')))).toEqual([]);
  });

  it.each([
    ['domain/hold.ts', `import { run } from '../engine/engine.ts';`],
    ['domain/hold.ts', `import assert from 'node:assert';`],
    ['domain/hold.ts', `import { Type } from 'typebox';`],
    ['engine/lane.ts', `import { SqlStore } from '../store/sql-store.ts';`],
    ['engine/lane.ts', `export * from '../http/server.ts';`],
    ['http/routes/holds.ts', `import type { Store } from '../../store/store.ts';`],
    ['http/routes/holds.ts', `const dialect = await import('../../store/dialects/sqlite.ts');`],
    ['http/routes/holds.ts', `import { sql } from 'kysely';`],
    ['http/plugins/limit.ts', `import type { RedisLink } from '../../redis/redis-link.ts';`],
    ['cache/redis-snapshot-cache.ts', `import { Redis } from 'ioredis';`],
    ['workers/due-worker.ts', `let store: import('../store/store.ts').Store;`],
    ['store/sql-store.ts', `import { readConfig } from '../config/config.ts';`],
    ['store/sql-store.ts', `import { DatabaseSync } from 'node:sqlite';`],
    ['telemetry/log.ts', `import { Engine } from '../engine/engine.ts';`],
    ['processes/server-processes.ts', `import { openStore } from '../store/open-store.ts';`],
    ['cli/audit.ts', `import { sqlite } from '../store/dialects/sqlite.ts';`],
    ['domain/hold.ts', `import { aHold } from '../../test/support/a-hold.ts';`],
    ['client/checkout-client.ts', `import { count } from '../http/schemas/values.ts';`],
    ['client/checkout-client.ts', `import { randomUUID } from 'node:crypto';`],
    ['helpers/text.ts', ''],
  ])('find a forbidden import in %s: %s', (path, source) => {
    expect(forbiddenImports(path, source)).toHaveLength(1);
  });

  it.each([
    ['domain/hold.ts', `import { ensure } from './defect.ts';`],
    ['domain/rules/late.ts', `import { ensure } from '../defect.ts';`],
    ['engine/lane.ts', `import type { Store } from '../store/store.ts';`],
    ['http/routes/holds.ts', `import { Type } from 'typebox';`],
    ['http/routes/holds.ts', `import type { StoreReader } from '../../store/store-reader.ts';`],
    ['store/sql-store.ts', `import { sqlite } from './dialects/sqlite.ts';`],
    ['store/dialects/sqlite.ts', `import { DatabaseSync } from 'node:sqlite';`],
    ['telemetry/log.ts', `import type { DomainEvent } from '../domain/events.ts';`],
    ['app.ts', `import { SqlStore } from './store/sql-store.ts';`],
  ])('let through an allowed import in %s: %s', (path, source) => {
    expect(forbiddenImports(path, source)).toEqual([]);
  });
});

/** The folders of `bench/`, besides its own, of which a file of one imports something. */
function benchFoldersOf(path: string, source: string): readonly string[] {
  return importsBelow(parseAst(source, { lang: 'ts' }))
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => posix.join('bench', posix.dirname(path), specifier).split('/'))
    .filter(([top, folder]) => top === 'bench' && folder !== posix.dirname(path))
    .map(([, folder = '']) => folder);
}

it('the arrows between the folders of bench hold', () => {
  const paths = globSync('*/*.ts', { cwd: 'bench' }).map((path) => path.replaceAll('\\', '/'));
  expect(paths).toContain('load/post.ts');
  const forbidden = paths.flatMap((path) =>
    benchFoldersOf(path, readFileSync(`bench/${path}`, 'utf8'))
      .filter((folder) => benchArrows[posix.dirname(path)]?.includes(folder) !== true)
      .map((folder) => `${path} imports ${folder}`),
  );
  expect(forbidden).toEqual([]);
  expect(benchFoldersOf('charts/bar-chart.ts', `import { run } from '../limits/limit.ts';`)).toEqual([
    'limits',
  ]);
});

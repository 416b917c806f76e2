import { expect, it } from 'vitest';
import { defaultText, flagOf, keyOf, type Option } from './option.ts';
import { options } from './options.ts';
import { safeOrigin } from './parsers.ts';

const rows: readonly Option[] = options;

it('derives the flag and the key of an option from the name of its variable', () => {
  expect([flagOf('HOLD_SECONDS'), keyOf('HOLD_SECONDS')]).toEqual(['--hold-seconds', 'holdSeconds']);
  expect([flagOf('CACHE_TTL_MS'), keyOf('CACHE_TTL_MS')]).toEqual(['--cache-ttl-ms', 'cacheTtlMs']);
  expect([flagOf('HOST'), keyOf('HOST')]).toEqual(['--host', 'host']);
});

it('names each option once', () => {
  expect(new Set(rows.map((row) => row.env)).size).toBe(rows.length);
});

it('has defaults that its own parsers read back', () => {
  for (const row of rows) {
    for (const value of [row.default, row.productionDefault]) {
      if (value !== null && value !== undefined) {
        expect([row.env, row.parser.parse(defaultText(value))]).toEqual([row.env, value]);
      }
    }
  }
});

it('describes each option in one sentence', () => {
  for (const row of rows) {
    expect(row.description).toMatch(/^[A-Z`][^\n|]{10,110}\.$/);
  }
});

it('keeps secret whatever may hold a password, a token or a key', () => {
  // An origin has no room for a password.
  const named = rows
    .filter((row) => /URLS?$|ENDPOINT|SECRET|TOKEN|KEY/.test(row.env) && row.parser !== safeOrigin)
    .map((row) => row.env);
  expect(rows.filter((row) => row.secret).map((row) => row.env)).toEqual(named);
});

import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { configurationFiles } from '../../scripts/write-configuration-docs.ts';
import { loadConfig } from '../../src/config/config.ts';
import { flagKindOf, flagOf } from '../../src/config/option.ts';
import { options } from '../../src/config/options.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const names = options.map((row) => row.env);

describe('the documents about configuration', () => {
  it.each(Object.entries(configurationFiles))(
    'are those that the table of options makes (if not: npm run docs:config): %s',
    (path, content) => {
      expect(read(path)).toBe(content());
    },
  );

  it('list every option in the order of the table, and no other', () => {
    const rows = [...read('docs/configuration.md').matchAll(/^\| `([A-Z_]+)` \| `?(--[a-z-]+|none)`? \|/gm)];
    expect(rows.map((row) => [row[1], row[2]])).toEqual(
      options.map((row) => [row.env, flagKindOf(row) === 'none' ? 'none' : flagOf(row.env)]),
    );
  });
});

describe('.env.example', () => {
  it('changes nothing as it is', () => {
    expect(parseEnv(read('.env.example'))).toEqual({});
  });

  it('gives the defaults when every line is switched on', () => {
    const switchedOn = parseEnv(read('.env.example').replaceAll(/^# (?=[A-Z_]+=)/gm, ''));
    expect(new Set(Object.keys(switchedOn))).toEqual(new Set(names));
    expect(loadConfig({}, {}, switchedOn)).toEqual(loadConfig({}));
  });
});

import { describe, expect, it } from 'vitest';
import { entityTagOf, expectedVersions } from './entity-tags.ts';

describe('If-Match', () => {
  it.each<[string | undefined, readonly string[] | null]>([
    [undefined, null],
    ['*', null],
    ['"a"', ['a']],
    ['"a", "b"', ['a', 'b']],
    ['"a","b"\t,\t"c"', ['a', 'b', 'c']],
    ['W/"a"', []],
    ['W/"a", "b"', ['b']],
    ['"a,b"', ['a,b']],
    ['"W/", "a"', ['W/', 'a']],
    ['"*"', ['*']],
    ['""', ['']],
  ])('%j asks for one of %j', (header, versions) => {
    expect(expectedVersions(header)).toEqual(versions);
  });

  it('of an ETag asks for its version', () => {
    expect(expectedVersions(entityTagOf('a1b2'))).toEqual(['a1b2']);
  });
});

import { describe, expect, it } from 'vitest';
import { namesAmong, wholeNumber } from './flag-values.ts';

describe('a number that is given for a flag', () => {
  it('is a whole one', () => {
    expect(wholeNumber()('3')).toBe(3);
    expect(wholeNumber(0)('0')).toBe(0);
    expect(wholeNumber(1, 60)('60')).toBe(60);
  });

  it.each(['', '0', '-1', '1.5', '0x10', '1e3', 'three', '9007199254740993'])('is not "%s"', (text) => {
    expect(() => wholeNumber()(text)).toThrow('Expected a whole number from 1.');
  });

  it('is not more than there may be', () => {
    expect(() => wholeNumber(1, 60)('61')).toThrow('Expected a whole number from 1 to 60.');
  });
});

describe('names that are given for a flag', () => {
  it('are those that there are, each once and in the order of all', () => {
    expect(namesAmong(['memory', 'start', 'overload'])('start, memory,start')).toEqual(['memory', 'start']);
  });

  it('may be in capitals or not', () => {
    expect(namesAmong(['SQLite', 'MariaDB'])('mariadb')).toEqual(['MariaDB']);
  });

  it.each(['', 'stop', 'start,stop'])('are not "%s"', (text) => {
    expect(() => namesAmong(['memory', 'start'])(text)).toThrow(
      'Expected a comma list of memory, start, got "',
    );
  });
});

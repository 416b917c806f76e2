import { describe, expect, it } from 'vitest';
import { databaseNamed } from '../../bench/measure/bench-databases.ts';
import { namesAmong, wholeNumber, wholeNumbers } from '../../bench/measure/option-values.ts';

describe('a number that was given for an option', () => {
  it('is a whole one', () => {
    expect(wholeNumber('rounds', '3')).toBe(3);
    expect(wholeNumber('growing-minutes', '0', 0)).toBe(0);
    expect(wholeNumbers('live-holds', '10000, 1000000')).toEqual([10_000, 1_000_000]);
  });

  it.each(['', '0', '-1', '1.5', '0x10', '1e3', 'three', '9007199254740993'])('is not "%s"', (text) => {
    expect(() => wholeNumber('rounds', text)).toThrow(
      `expected a whole number from 1 for --rounds, got "${text}"`,
    );
  });

  it('is refused in a list as it is alone', () => {
    expect(() => wholeNumbers('live-holds', '10000,')).toThrow('for --live-holds, got ""');
  });
});

describe('names that were given for an option', () => {
  it('are those that there are, in the order in which they were given', () => {
    expect(namesAmong(['memory', 'start'], 'only', 'start, memory')).toEqual(['start', 'memory']);
  });

  it('are refused where nothing is called so', () => {
    expect(() => namesAmong(['memory', 'start'], 'only', 'start,stop')).toThrow(
      'expected some of memory, start for --only, got "stop"',
    );
  });
});

describe('a database that was given', () => {
  it.each([
    ['SQLite', 'SQLite'],
    ['mariadb', 'MariaDB'],
    [' MARIADB ', 'MariaDB'],
  ])('is found by "%s"', (text, name) => {
    expect(databaseNamed(text)).toBe(name);
  });

  it.each(['', 'maria', 'mysql'])('is none by "%s"', (text) => {
    expect(() => databaseNamed(text)).toThrow(`expected SQLite or MariaDB as a database, got "${text}"`);
  });
});

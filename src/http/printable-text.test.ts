import { describe, expect, it } from 'vitest';
import { firstUnprintable, printablePattern, withUnseenEscaped } from './printable-text.ts';

describe('a printable text', () => {
  it.each([
    ['Phone', null],
    ['', null],
    ['\u05d0\u200f\u061c\u200e', null],
    ['\u202ePhone', { character: '\\u202e', position: 1 }],
    ['Phone\u2069', { character: '\\u2069', position: 6 }],
    ['\u{1f4f1}\n\u202e', { character: '\\u000a', position: 2 }],
    ['a\ud800', { character: '\\ud800', position: 2 }],
  ])('%j is one, or says where it is none', (text, place) => {
    expect(firstUnprintable(text)).toEqual(place);
    expect(new RegExp(printablePattern, 'u').test(text)).toBe(place === null);
  });
});

it.each([
  ['Phone', 'Phone'],
  ['a\u202eb\u0000', 'a\\u202eb\\u0000'],
  ['\u200d\u{e0041}\u2028', '\\u200d\\u{e0041}\\u2028'],
])('%j is shown as %s', (text, shown) => {
  expect(withUnseenEscaped(text)).toBe(shown);
});

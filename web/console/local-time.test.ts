import { describe, expect, it } from 'vitest';
import { gapText, instantsOf, isSameLocalTime, noLocalTime, toInstant, toLocalTime } from './local-time.ts';

const berlin = 'Europe/Berlin';
const hourMs = 3_600_000;

describe('a local time', () => {
  it.each([
    ['before the clocks go back', berlin, '2026-10-25T00:30:00Z', '2026-10-25T02:30', 2],
    ['after the clocks went back', berlin, '2026-10-25T01:30:00Z', '2026-10-25T02:30', 1],
    ['in the last second before they go forward', berlin, '2026-03-29T00:59:59Z', '2026-03-29T01:59:59', 1],
    ['in the first second after that', berlin, '2026-03-29T01:00:00Z', '2026-03-29T03:00', 2],
    ['in a zone without changes', 'America/Sao_Paulo', '2026-10-25T01:30:00Z', '2026-10-24T22:30', -3],
    ['in a zone half an hour off', 'Asia/Kolkata', '2026-10-25T01:30:00Z', '2026-10-25T07:00', 5.5],
    [
      'in a zone a quarter of an hour off',
      'Pacific/Chatham',
      '2026-10-25T01:30:00Z',
      '2026-10-25T15:15',
      13.75,
    ],
    ['in UTC', 'UTC', '2026-10-25T01:30:07Z', '2026-10-25T01:30:07', 0],
  ])('%s leads back to its instant', (_when, timeZone, instant, text, offsetHours) => {
    const local = toLocalTime(instant, timeZone);
    expect(local).toEqual({ text, offsetMs: offsetHours * hourMs });
    expect(toInstant(local, timeZone)).toBe(instant);
  });

  it('keeps every half hour of a year in zones that change their clocks', () => {
    for (const timeZone of [berlin, 'Pacific/Chatham', 'Australia/Lord_Howe', 'America/St_Johns']) {
      for (
        let ms = Date.parse('2026-01-01T00:00:00Z');
        ms < Date.parse('2027-01-01T00:00:00Z');
        ms += hourMs / 2
      ) {
        const instant = new Date(ms).toISOString().replace('.000Z', 'Z');
        const local = toLocalTime(instant, timeZone);
        if (toInstant(local, timeZone) !== instant) {
          expect.fail(`${timeZone}: ${instant} became ${toInstant(local, timeZone)} by way of ${local.text}`);
        }
      }
    }
  });

  it('that is empty is an open end', () => {
    expect(toLocalTime(null)).toEqual(noLocalTime);
    expect(toInstant(noLocalTime)).toBeNull();
  });

  it('that the clocks show twice is two instants, of which the first is meant unless an offset says otherwise', () => {
    const text = '2026-10-25T02:30';
    const [first = 0, second = 0] = instantsOf(text, berlin);
    expect([first, second]).toEqual(
      ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map((instant) => Date.parse(instant)),
    );
    const chosen = [null, 2 * hourMs, hourMs].map((offsetMs) => toInstant({ text, offsetMs }, berlin));
    expect(chosen).toEqual(['2026-10-25T00:30:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z']);
  });

  it('that exists once ignores an offset of another day', () => {
    expect(toInstant({ text: '2026-07-01T12:00', offsetMs: hourMs }, berlin)).toBe('2026-07-01T10:00:00Z');
  });

  it.each([
    [berlin, '2026-03-29T02:30', '2026-03-29 02:00 (UTC+1) to 2026-03-29 03:00 (UTC+2)'],
    ['Pacific/Chatham', '2026-09-27T03:00', '2026-09-27 02:45 (UTC+12:45) to 2026-09-27 03:45 (UTC+13:45)'],
    ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-04 02:00 (UTC+10:30) to 2026-10-04 02:30 (UTC+11)'],
    ['America/Sao_Paulo', '2018-11-04T00:00', '2018-11-04 00:00 (UTC-3) to 2018-11-04 01:00 (UTC-2)'],
    ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30 00:00 (UTC-10) to 2011-12-31 00:00 (UTC+14)'],
  ])('that the clocks of %s leave out is refused: %s', (timeZone, text, change) => {
    expect(instantsOf(text, timeZone)).toEqual([]);
    expect(gapText(text, timeZone)).toBe(
      `Expected a time that exists, got ${text.replace('T', ' ')}. The clocks of ${timeZone} go from ${change}. Enter an earlier or a later time.`,
    );
    expect(() => toInstant({ text, offsetMs: null }, timeZone)).toThrow(`${text} does not exist`);
  });

  it.each(['', '2026-03-29T01:59:59', '2026-03-29T03:00', '12026-03-29T02:30'])(
    'that is not in a gap has nothing wrong with it: "%s"',
    (text) => {
      expect(gapText(text, berlin)).toBeNull();
    },
  );

  it.each([
    ['with and without seconds', '2026-10-25T02:30', '2026-10-25T02:30:00', hourMs, true],
    ['of another second', '2026-10-25T02:30', '2026-10-25T02:30:01', hourMs, false],
    ['of the other offset', '2026-10-25T02:30', '2026-10-25T02:30', 2 * hourMs, false],
    ['that was taken away', '2026-10-25T02:30', '', hourMs, false],
  ])('%s: compared with what was there', (_which, text, other, offsetMs, isSame) => {
    expect(isSameLocalTime({ text, offsetMs: hourMs }, { text: other, offsetMs })).toBe(isSame);
  });

  it('that is open is the same whatever offset it had', () => {
    expect(isSameLocalTime(noLocalTime, { text: '', offsetMs: hourMs })).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { offsetText, utcOffsetMs } from './utc-offset.ts';

describe('the offset from UTC', () => {
  it.each([
    ['UTC', '2026-07-01T00:00:00Z', 'UTC'],
    ['Europe/London', '2026-01-01T00:00:00Z', 'UTC'],
    ['Europe/Berlin', '2026-10-25T00:59:59Z', 'UTC+2'],
    ['Europe/Berlin', '2026-10-25T01:00:00Z', 'UTC+1'],
    ['America/Sao_Paulo', '2026-10-25T01:30:00Z', 'UTC-3'],
    ['America/St_Johns', '2026-01-01T00:00:00Z', 'UTC-3:30'],
    ['Asia/Kolkata', '2026-10-25T01:30:00Z', 'UTC+5:30'],
    ['Pacific/Chatham', '2026-07-01T00:00:00Z', 'UTC+12:45'],
    ['Pacific/Chatham', '2026-10-25T01:30:00Z', 'UTC+13:45'],
    ['Pacific/Kiritimati', '2026-10-25T01:30:00Z', 'UTC+14'],
  ])('of %s at %s is %s', (timeZone, instant, text) => {
    expect(offsetText(utcOffsetMs(Date.parse(instant), timeZone))).toBe(text);
  });

  it('of the browser itself is the one of its clock', () => {
    const instantMs = Date.parse('2026-10-25T01:30:00Z');
    expect(utcOffsetMs(instantMs)).toBe(0 - new Date(instantMs).getTimezoneOffset() * 60_000);
  });
});

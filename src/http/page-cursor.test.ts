import { describe, expect, it } from 'vitest';
import { cursorText, readPage } from './page-cursor.ts';

const end = { atMs: 1_795_770_000_123, id: Number.MAX_SAFE_INTEGER };

describe('a cursor', () => {
  it('comes back as the end of the page that it was made of', () => {
    const cursor = cursorText('orders', end);
    expect(readPage('orders', { cursor, limit: 7 })).toEqual({ limit: 7, cursor: end });
  });

  it('is absent on the first page, which has fifty items', () => {
    expect(readPage('orders', {})).toEqual({ limit: 50, cursor: null });
    expect(cursorText('orders', null)).toBeNull();
  });

  it.each([
    ['of another list', cursorText('holds', end)],
    ['that was made up', Buffer.from('orders:x:1').toString('base64url')],
    ['with something behind it', `${cursorText('orders', end)}=`],
    ['with leading zeros', Buffer.from('orders:01:1').toString('base64url')],
    ['that is too large to be exact', Buffer.from(`orders:1:${'9'.repeat(16)}`).toString('base64url')],
    ['that is empty', ''],
  ])('%s is refused', (_, cursor) => {
    expect(readPage('orders', { cursor })).toMatchObject({ code: 'invalid_request' });
  });
});

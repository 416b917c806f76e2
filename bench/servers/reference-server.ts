import { createPool, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { deadlineAfter } from '../../src/domain/time.ts';
import { type HoldMade, servePeer } from './peer-server.ts';

/**
 * Holds as a usual shop makes them, in one transaction each: lock the product's row, sum up its active holds,
 * compare, insert. On the tables of `reference-tables.ts`, with `POOL` connections to `REFERENCE_URL`.
 */
const pool = createPool({
  uri: process.env.REFERENCE_URL ?? '',
  connectionLimit: Number(process.env.POOL),
  timezone: 'Z',
});
pool.on('connection', (connection) => void connection.query("set time_zone = '+00:00'"));

await servePeer(async ({ productId, quantity }, { holdSeconds }): Promise<HoldMade> => {
  const connection = await pool.getConnection();
  try {
    await connection.beginTransaction();
    const [[product]] = await connection.execute<RowDataPacket[]>(
      'select stock, price from products where id = ? for update',
      [productId],
    );
    const [[holds]] = await connection.execute<RowDataPacket[]>(
      'select coalesce(sum(quantity), 0) as held from holds where product_id = ? and consumed = false and expires_at > now()',
      [productId],
    );
    const available = Number(product?.stock) - Number(holds?.held);
    if (quantity > available) {
      await connection.rollback();
      return { hold: null, availableStock: available };
    }
    const nowMs = Date.now();
    const now = new Date(nowMs);
    const expiresAtMs = deadlineAfter(nowMs, holdSeconds);
    const [{ insertId }] = await connection.execute<ResultSetHeader>(
      'insert into holds (product_id, quantity, expires_at, consumed, created_at, updated_at) values (?, ?, ?, false, ?, ?)',
      [productId, quantity, new Date(expiresAtMs), now, now],
    );
    await connection.commit();
    return {
      hold: {
        id: insertId,
        productId,
        quantity,
        priceMinor: Math.round(Number(product?.price) * 100),
        status: 'held',
        releaseReason: null,
        parked: null,
        expiresAtMs,
        createdAtMs: nowMs,
      },
      availableStockRemaining: available - quantity,
    };
  } catch (error) {
    connection.destroy(); // rolls back
    throw error;
  } finally {
    connection.release();
  }
});

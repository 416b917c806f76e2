import { describe, expect, it } from 'vitest';
import { classifyMysql, endsMysqlConnection, isOfMysqlHost } from './mysql-errors.ts';
import { classifyPostgres, isOfPostgresHost } from './postgres-errors.ts';

const ofMysql = (errno: number) =>
  Object.assign(new Error('as the server says it'), { errno, code: 'ER_X', sqlState: 'HY000' });
const ofPostgres = (code: string, severity = 'ERROR') =>
  Object.assign(new Error('as the server says it'), { code, severity });
const ofDriver = (code: string) => Object.assign(new Error(''), { code });
const ofSystem = (code: string) => Object.assign(new Error(`read ${code}`), { code, syscall: 'read' });

/** What an error means before the commit, and in answer to it. */
type Row = readonly [name: string, error: Error, work: string | undefined, commit: string | undefined];

describe('errors of MySQL and MariaDB', () => {
  it.each<Row>([
    [
      '1213, a conflict with another node or a deadlock: rolled back',
      ofMysql(1213),
      'retryable',
      'retryable',
    ],
    ['1205, a lock was not won: rolled back', ofMysql(1205), 'retryable', 'retryable'],
    ['3101, rolled back by a plugin', ofMysql(3101), 'retryable', 'retryable'],
    ['1047, a node without the others', ofMysql(1047), 'retryable', 'outcome_unknown'],
    ['1180, a node that lost the others in the middle', ofMysql(1180), 'retryable', 'outcome_unknown'],
    ['1927, the connection was killed', ofMysql(1927), 'retryable', 'outcome_unknown'],
    ['1317, the statement was interrupted', ofMysql(1317), 'retryable', 'outcome_unknown'],
    ['1053, the server shuts down', ofMysql(1053), 'retryable', 'outcome_unknown'],
    ['1160, the network failed', ofMysql(1160), 'retryable', 'outcome_unknown'],
    ['a connection that fell', ofDriver('PROTOCOL_CONNECTION_LOST'), 'retryable', 'outcome_unknown'],
    ['a connection that was reset', ofDriver('ECONNRESET'), 'retryable', 'outcome_unknown'],
    ['a connection that the system gave up', ofSystem('ECONNABORTED'), 'retryable', 'outcome_unknown'],
    ['1062, a key is taken', ofMysql(1062), 'conflict', 'conflict'],
    ['1026, its log could not be written', ofMysql(1026), 'unavailable', 'outcome_unknown'],
    ['1598, its log cannot be written any more', ofMysql(1598), 'defect', 'outcome_unknown'],
    ['1290, the server is read-only', ofMysql(1290), 'unavailable', 'unavailable'],
    ['1045, wrong password', ofMysql(1045), 'unavailable', 'outcome_unknown'],
    ['1064, a statement that is wrong', ofMysql(1064), 'defect', 'outcome_unknown'],
    ['a defect of ours', new TypeError('x is not a function'), undefined, undefined],
  ])('%s', (_, error, work, commit) => {
    expect([classifyMysql(error, 'work')?.kind, classifyMysql(error, 'commit')?.kind]).toEqual([
      work,
      commit,
    ]);
  });

  it('end the connection, or the use of the host, or neither', () => {
    const of = (error: Error) => [endsMysqlConnection(error), isOfMysqlHost(error)];
    expect(of(ofMysql(1213))).toEqual([false, false]);
    expect(of(ofMysql(1927))).toEqual([true, false]);
    expect(of(ofDriver('ECONNRESET'))).toEqual([true, false]);
    expect(of(ofMysql(1047))).toEqual([true, true]);
    expect(of(ofMysql(1290))).toEqual([false, true]);
  });
});

describe('errors of PostgreSQL', () => {
  it.each<Row>([
    ['40001, rolled back', ofPostgres('40001'), 'retryable', 'retryable'],
    ['40P01, a deadlock: rolled back', ofPostgres('40P01'), 'retryable', 'retryable'],
    ['57P01, the session was ended', ofPostgres('57P01', 'FATAL'), 'retryable', 'outcome_unknown'],
    ['40003, as it says', ofPostgres('40003'), 'retryable', 'outcome_unknown'],
    ['08006, the connection failed', ofPostgres('08006'), 'retryable', 'outcome_unknown'],
    [
      '58030, its disk failed and it went down',
      ofPostgres('58030', 'PANIC'),
      'unavailable',
      'outcome_unknown',
    ],
    [
      '53100, its disk is full and it went down, told in the language of its locale',
      ofPostgres('53100', 'PANIK'),
      'unavailable',
      'outcome_unknown',
    ],
    ['XX000, it ended the session', ofPostgres('XX000', 'FATAL'), 'unavailable', 'outcome_unknown'],
    ['53100, its disk is full', ofPostgres('53100'), 'unavailable', 'unavailable'],
    ['25006, it is read-only', ofPostgres('25006'), 'unavailable', 'unavailable'],
    ['23505, a key is taken', ofPostgres('23505'), 'conflict', 'conflict'],
    ['42601, a statement that is wrong', ofPostgres('42601'), 'defect', 'defect'],
    ['a defect of ours', new TypeError('x is not a function'), undefined, undefined],
  ])('%s', (_, error, work, commit) => {
    expect([classifyPostgres(error, 'work')?.kind, classifyPostgres(error, 'commit')?.kind]).toEqual([
      work,
      commit,
    ]);
    expect(isOfPostgresHost(error)).toBe('code' in error && error.code === '25006');
  });
});

import { expect, it } from 'vitest';
import {
  applyEvent,
  changeStock,
  createHold,
  createOrder,
  createProduct,
} from '../../test/support/domain-state.ts';
import type { Command } from '../domain/commands.ts';
import { reissue } from './reissue.ts';

it.each<[Command, Partial<Command>]>([
  [createHold(), { holdId: 7 }],
  [createOrder(), { orderId: 7 }],
  [createProduct(), { stockChangeId: 7 }],
  [changeStock(1), { stockChangeId: 7 }],
  [applyEvent(), {}],
  [{ kind: 'release_hold', holdId: 70 }, {}],
])('gives what $kind makes another id, and leaves all else', (command, made) => {
  expect(reissue(command, () => 7)).toEqual({ ...command, ...made });
});

import type { Command } from '../domain/commands.ts';

/** The command with the id of this delivery, where its rows are recognised by that. */
export function withReceipt(command: Command, newId: () => number): Command {
  return command.kind === 'apply_payment_event' ||
    ('requestKey' in command && command.requestKey !== undefined)
    ? { ...command, receiptId: newId() }
    : command;
}

/** The same command with ids made anew: one of them, or another node's, was taken already. */
export function reissue(command: Command, newId: () => number): Command {
  switch (command.kind) {
    case 'create_hold':
      return { ...command, holdId: newId() };
    case 'create_order':
      return { ...command, orderId: newId() };
    case 'create_product':
    case 'change_stock':
      return { ...command, stockChangeId: newId() };
    case 'refund_order':
      return { ...command, decisionId: newId(), stockChangeId: newId() };
    case 'pay_order':
    case 'resolve_payment_event':
      return { ...command, decisionId: newId() };
    default:
      return command;
  }
}

import type { Command } from '../domain/commands.ts';

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
    default:
      return command;
  }
}

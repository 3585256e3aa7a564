/** Every command of `sluice`, in the order in which help lists them. */
import type { Command } from './command.ts';
import { ACCOUNT_COMMANDS } from './commands/account.ts';

export const COMMANDS: readonly Command[] = [
  ...ACCOUNT_COMMANDS,
];

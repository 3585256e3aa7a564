/** Every command of `sluice`, in the order in which help lists them. */
import type { Command } from './command.ts';
import { ACCOUNT_COMMANDS } from './commands/account.ts';
import { APPLICATION_COMMANDS } from './commands/application.ts';
import { AUDIT_COMMANDS } from './commands/audit.ts';
import { DATASET_COMMANDS } from './commands/dataset.ts';
import { GRANT_COMMANDS } from './commands/grant.ts';
import { JOB_COMMANDS } from './commands/job.ts';
import { LEDGER_COMMANDS } from './commands/ledger.ts';
import { PERTURBATION_TABLE_COMMANDS } from './commands/perturbation-table.ts';
import { POLICY_COMMANDS } from './commands/policy.ts';
import { POLICY_TOOL_COMMANDS } from './commands/policy-tools.ts';
import { REVIEW_COMMANDS } from './commands/review.ts';
import { SERVICE_COMMANDS } from './commands/service.ts';
import { tryCommand } from './commands/try.ts';
import { WITHDRAWAL_COMMANDS } from './commands/withdrawal.ts';

export const COMMANDS: readonly Command[] = [
  ...SERVICE_COMMANDS,
  ...DATASET_COMMANDS,
  ...WITHDRAWAL_COMMANDS,
  ...POLICY_COMMANDS,
  ...POLICY_TOOL_COMMANDS,
  ...PERTURBATION_TABLE_COMMANDS,
  ...APPLICATION_COMMANDS,
  ...GRANT_COMMANDS,
  ...JOB_COMMANDS,
  ...REVIEW_COMMANDS,
  ...LEDGER_COMMANDS,
  ...AUDIT_COMMANDS,
  tryCommand,
  ...ACCOUNT_COMMANDS,
];

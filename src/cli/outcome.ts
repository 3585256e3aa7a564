/** How a command ends: an exit status, or a failure that is shown to the person and gives the exit status. */
import { err, type Err, type Result } from '#contract/result.ts';
import { text, type Text } from '#contract/text.ts';

/** Exit statuses, the same for every command; shown by `sluice help`. */
export const STATUS = {
  done: 0,
  /** Refused by a rule, or a violation was found. */
  refused: 1,
  /** The command line is wrong, or a file cannot be read or is not what it should be. */
  usage: 2,
  /** No answer: the server cannot be reached, or it or a worker broke down. */
  unavailable: 3,
  interrupted: 130,
} as const;
export type Status = (typeof STATUS)[keyof typeof STATUS];

export const STATUS_MEANING: readonly (readonly [Status, Text])[] = [
  [STATUS.done, text('done', '完成')],
  [STATUS.refused, text('refused by a rule, or a violation was found', '被规则拒绝，或发现违规')],
  [STATUS.usage, text('the command line is wrong, or a file cannot be read or is not what it should be', '命令行有误，或文件无法读取、内容不符')],
  [STATUS.unavailable, text('no answer: the server cannot be reached, or it or a worker broke down', '没有应答：无法连接服务器，或服务器、工作进程发生故障')],
];

/**
 * `message`: a whole sentence. `lines`: details below it, already in the person's language.
 * `body`: what `--json` prints instead of the default `{ "error": message }`.
 */
export type CliFailure = {
  readonly status: Exclude<Status, 0>;
  readonly message: Text;
  readonly lines?: readonly string[];
  readonly body?: unknown;
};

export type Outcome = Result<Status, CliFailure>;

export function stop(status: CliFailure['status'], message: Text, extra: Omit<CliFailure, 'status' | 'message'> = {}): Err<CliFailure> {
  return err({ status, message, ...extra });
}

export const usage = (en: string, zh: string): Err<CliFailure> => stop(STATUS.usage, text(en, zh));

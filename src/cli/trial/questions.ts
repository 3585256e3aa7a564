/** The questions of a batch file: one JSON object a line, `{"id", "sql"}`. */
import { z } from 'zod';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { fit, parseJson, readText } from '../files.ts';
import type { Session } from '../io.ts';
import { stop, STATUS, usage, type CliFailure } from '../outcome.ts';

/** `id` comes back as it was given. */
export const Question = z.strictObject({ id: z.union([z.string(), z.number()]), sql: z.string() });
export type Question = z.infer<typeof Question>;

/** Empty lines are skipped. A line that is no question fails the whole batch before anything runs. */
export async function readBatch(session: Pick<Session, 'input' | 'language'>, file: string): Promise<Result<readonly Question[], CliFailure>> {
  const read = await readText(session, file);
  if (!read.ok) return read;
  const questions: Question[] = [];
  for (const [index, line] of read.value.split('\n').entries()) {
    if (line.trim() === '') continue;
    const where = text(`${file}, line ${index + 1}`, `${file} 第 ${index + 1} 行`)[session.language];
    const parsed = parseJson(line, where);
    if (!parsed.ok) {
      return usage(`${file}, line ${index + 1} is not JSON; a line looks like {"id": "1", "sql": "select …"}.`, `${file} 第 ${index + 1} 行不是合法的 JSON；每行形如 {"id": "1", "sql": "select …"}。`);
    }
    const question = fit(session, Question, parsed.value, where);
    if (!question.ok) return question;
    questions.push(question.value);
  }
  if (questions.length === 0) return stop(STATUS.usage, text(`${file} holds no question.`, `${file} 中没有任何问题。`));
  return ok(questions);
}

/** Commands that do one thing to one resource: `POST /grants/{grant}/suspend`, with a reason where the log wants one. */
import type { z } from 'zod';
import { ok } from '#contract/result.ts';
import { text, type Text } from '#contract/text.ts';
import { call } from './client.ts';
import { command, type Command, type OptionTable } from './command.ts';
import { showDocument } from './listing.ts';
import { STATUS, type Outcome } from './outcome.ts';

const REASON = { reason: { type: 'value', value: 'TEXT', required: true, help: text('why; those concerned and the auditors read it', '原因；相关方与审计人员可见') } } as const satisfies OptionTable;

/** `path`: from the id on the command line. `answer`: what comes back and is shown. */
export function actionCommand<Answer extends z.ZodType<Readonly<Record<string, unknown>>>>(definition: {
  readonly name: string;
  readonly summary: Text;
  readonly id: string;
  readonly path: (id: string) => string;
  readonly answer: Answer;
  readonly reason?: true;
  readonly example: string;
}): Command {
  const { name, summary, id, path, answer, reason, example } = definition;
  return command({
    name,
    summary,
    positionals: [{ name: id }],
    options: (reason ? REASON : {}) as OptionTable,
    examples: [`${name} ${example}${reason ? ' --reason "…"' : ''}`],
    run: async (session, options, [given = '']): Promise<Outcome> => {
      const done = await call(session, 'POST', path(encodeURIComponent(given)), answer, reason ? { body: { reason: options['reason'] } } : {});
      if (!done.ok) return done;
      showDocument(session, done.value);
      return ok(STATUS.done);
    },
  });
}

/** Commands that show one resource. */
export function showCommand<Answer extends z.ZodType<Readonly<Record<string, unknown>>>>(definition: {
  readonly name: string;
  readonly summary: Text;
  readonly id: string;
  readonly path: (id: string) => string;
  readonly answer: Answer;
  readonly example: string;
}): Command {
  const { name, summary, id, path, answer, example } = definition;
  return command({
    name,
    summary,
    positionals: [{ name: id }],
    options: {},
    examples: [`${name} ${example}`],
    run: async (session, _options, [given = '']): Promise<Outcome> => {
      const found = await call(session, 'GET', path(encodeURIComponent(given)), answer);
      if (!found.ok) return found;
      showDocument(session, found.value);
      return ok(STATUS.done);
    },
  });
}

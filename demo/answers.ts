/** Asks the operator's questions through the server and prints what comes back. */
import { z } from 'zod';
import { JobView } from '#contract/api/jobs.ts';
import { ResultTable } from '#contract/table.ts';
import { text } from '#contract/text.ts';
import { showRefusals } from '../src/cli/output/refusal.ts';
import { showTable } from '../src/cli/output/result.ts';
import { shown } from '../src/cli/trial/line.ts';
import type { Person } from './person.ts';
import type { Question } from './questions.ts';
import type { Terminal } from './terminal.ts';

/** What `job submit --wait --json` prints for a released job: the statement is already in one language. */
const Released = z.object({
  job: z.string(),
  digest: z.string(),
  table: ResultTable,
  statement: z.object({
    rules: z.array(z.object({ clause: z.string(), text: z.string() })),
    withheld: z.number().nullable(),
    help: z.array(z.string()),
    sentences: z.array(z.string()),
  }),
});
export type Released = z.infer<typeof Released>;

/** Rows that are printed of a longer table. */
const SHOWN_ROWS = 20;

/** `explain`: with the rules in force, clause by clause, and what would help. */
export async function answerQuestion(terminal: Terminal, operator: Person, grant: string, question: Question, explain: boolean): Promise<Released> {
  const released = await terminal.step(question.title, () => operator.ask(Released, ['job', 'submit', '-', '--grant', grant, '--wait'], question.sql));
  terminal.show(question.sql.replaceAll(/^/gm, '  '));
  terminal.space();
  showReleased(terminal, released, explain);
  terminal.space();
  return released;
}

function showReleased(terminal: Terminal, { table, statement }: Released, explain: boolean): void {
  const rows = table.rows.slice(0, SHOWN_ROWS);
  terminal.show(showTable({ ...table, rows, withheld: table.withheld.filter(([row]) => row < rows.length) }, terminal.language));
  const more = table.rows.length - rows.length;
  if (more > 0) terminal.say(text(`… and ${more} more rows`, `……另有 ${more} 行`));
  for (const sentence of statement.sentences) terminal.show(sentence);
  if (!explain) return;
  for (const rule of statement.rules) terminal.show(`  - ${rule.text} [${rule.clause}]`);
  for (const help of statement.help) terminal.show(`  → ${help}`);
}

/** Asks what must be refused; throws where it is not. */
export async function refuseQuestion(terminal: Terminal, operator: Person, grant: string, question: Question): Promise<void> {
  const job = await terminal.step(question.title, async () => {
    const { out } = await operator.sluice(['job', 'submit', '-', '--grant', grant, '--wait', '--json'], question.sql);
    const ended = JobView.parse(JSON.parse(out));
    if (ended.state !== 'refused') throw new Error(`the hostile question ended as ${ended.state}`);
    return ended;
  }, () => text('refused', '已拒绝'));
  terminal.show(question.sql.replaceAll(/^/gm, '  '));
  terminal.space();
  for (const line of showRefusals(job.refusals.map((refusal) => shown(refusal, terminal.language)), question.sql, terminal.language)) terminal.show(line);
}

/** The answers of a trial, in the order of its questions: all from one domain, or each from a domain of its own. */
import { availableParallelism } from 'node:os';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { cagedEnvironment, NODE_FLAGS } from '#src/workers/cage.ts';
import { fillCompileCache } from '#src/workers/compile-cache.ts';
import type { Session } from '../io.ts';
import { stop, STATUS, type CliFailure } from '../outcome.ts';
import type { ShownRefusal } from '../output/refusal.ts';
import { TrialDomain, type TrialOptions, type Tried } from './domain.ts';
import { inOrder } from './in-order.ts';
import type { TrialDataset } from './plan.ts';
import type { Question } from './questions.ts';

export interface Asking {
  readonly datasets: readonly TrialDataset[];
  readonly questions: readonly Question[];
  readonly evidence: boolean;
}

/** `contradicted`: the files are not what the manifest says, so that no question was asked. */
export type Answered =
  | { readonly kind: 'answered'; readonly question: Question; readonly tried: Tried; readonly millis: number }
  | { readonly kind: 'contradicted'; readonly refusals: readonly ShownRefusal[] };

const NO_ANSWER: Tried = { answer: { kind: 'failed' }, result: null, evidence: null };

type Answers = AsyncGenerator<Result<Answered, CliFailure>>;

/** One domain, one operator, one question after the other. Ends at the first failure, and where the files contradict the manifest. */
export async function* together(session: Session, asking: Asking, options?: TrialOptions): Answers {
  const domain = await TrialDomain.open(session, options);
  if (!domain.ok) return yield domain;
  try {
    const refusals: ShownRefusal[] = [];
    for (const dataset of asking.datasets) {
      const taken = await domain.value.ingest(dataset, session.language);
      if (!taken.ok) return yield taken;
      refusals.push(...taken.value);
    }
    if (refusals.length > 0) return yield ok({ kind: 'contradicted', refusals });
    await domain.value.prepare();
    for (const question of asking.questions) {
      const began = session.elapsed();
      const tried = await domain.value.ask(question.sql, asking.evidence);
      const millis = session.elapsed() - began;
      if (session.interrupted.aborted) return yield stop(STATUS.interrupted, text('Interrupted.', '已中断。'));
      yield ok({ kind: 'answered', question, tried, millis });
    }
  } finally {
    await domain.value.close();
  }
}

/**
 * INVARIANT (isolated): nothing is shared between two questions but the files that they are asked of: each has keys, a snapshot, a
 * ledger and workers of its own. Loading costs every question, so as many are under way at once as there are cores.
 */
export async function* isolated(session: Session, asking: Asking): Answers {
  // Two workers are started for every question.
  if (asking.questions.length > 1) await fillCompileCache(NODE_FLAGS, cagedEnvironment('process'));
  const enough = new AbortController();
  const one: Session = { ...session, interrupted: AbortSignal.any([session.interrupted, enough.signal]) };
  const alone = async (question: Question): Promise<Result<Answered, CliFailure>> => {
    for await (const answered of together(one, { ...asking, questions: [question] }, { spares: 0, threads: 1 })) return answered;
    throw new Error('a question without an answer');
  };
  const answers = inOrder(asking.questions, availableParallelism(), alone);
  try {
    let index = 0;
    for await (const answered of answers) {
      const question = asking.questions[index];
      // Where the first was taken in, a breakdown is this question's alone, as it is when a worker breaks down that answers.
      const isOwn = index > 0 && question !== undefined && !answered.ok && answered.error.status === STATUS.unavailable;
      yield isOwn ? ok({ kind: 'answered', question, tried: NO_ANSWER, millis: 0 }) : answered;
      if (answered.ok ? answered.value.kind === 'contradicted' : !isOwn) return;
      index++;
    }
  } finally {
    enough.abort();
    await answers.return();
  }
}

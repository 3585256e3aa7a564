/** The operator's questions: SQL files that begin with a title in both languages. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Text } from '#contract/text.ts';

const DIRECTORY = new URL('questions/', import.meta.url).pathname;

export interface Question {
  readonly file: string;
  readonly title: Text;
  readonly sql: string;
}

/** In the order of their numbers; `hostile.sql` is not one of them. */
export function readQuestions(): readonly Question[] {
  return globSync('[0-9]*.sql', { cwd: DIRECTORY }).sort().map((name) => readQuestion(join(DIRECTORY, name)));
}

export function readHostileQuestion(): Question {
  return readQuestion(join(DIRECTORY, 'hostile.sql'));
}

function readQuestion(file: string): Question {
  const match = /^-- en: (.+)\n-- zh: (.+)\n([\s\S]+)$/.exec(readFileSync(file, 'utf8'));
  if (match === null) throw new Error(`${basename(file)}: begins with "-- en: …" and "-- zh: …"`);
  const [, en = '', zh = '', sql = ''] = match;
  return { file: basename(file), title: { en, zh }, sql: sql.trim() };
}

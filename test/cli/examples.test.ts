/** The examples of the help, run as they stand: whatever needs no server works on the files that come with the program. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { COMMANDS } from '#src/cli/commands.ts';
import { parseArguments } from '#src/cli/arguments.ts';
import { sluice } from '../support/cli.ts';

const own = mkdtempSync(join(tmpdir(), 'sluice-examples-'));
vi.stubEnv('TMPDIR', own);
afterAll(() => rmSync(own, { recursive: true, force: true }));

const EXAMPLES = COMMANDS.flatMap((command) => command.examples.map((example) => ({ command, example })));
/** As a shell takes it apart; the examples quote with " only. */
const words = (example: string) => [...example.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

describe('every example', () => {
  test.each(EXAMPLES)('$example', ({ command, example }) => {
    const args = words(example);
    const name = command.name.split(' ');
    expect(args.slice(0, name.length)).toEqual(name);
    expect(parseArguments(command, args.slice(name.length))).toMatchObject({ ok: true });
    for (const path of args.filter((word) => /^(datasets|policies)\//.test(word))) expect(existsSync(path), path).toBe(true);
  });
});

describe('every example that needs no server', () => {
  const local = EXAMPLES.filter(({ example }) => example.includes('--dataset datasets/')).map(({ example }) => example);
  test('there are some', () => expect(new Set(local.map((example) => example.split(' ')[0]))).toEqual(new Set(['try', 'check', 'policy'])));

  // What is the reader's own, to be written or to be read, is in a directory of its own here.
  writeFileSync(join(own, 'questions.jsonl'), '{"id": 1, "sql": "select count(*) from persons"}\n');
  const mine = (word: string, before: string | undefined) => (before === '--out' || before === '--batch' ? join(own, word) : word);

  test.each(local)('%s', async (example) => {
    const args = words(example);
    const ran = await sluice(args.map((word, i) => mine(word, args[i - 1])));
    expect(ran, ran.err).toMatchObject({ status: 0 });
  }, 60_000);
});

/** The demonstration runs to its end by itself, on a small city, and shows what it promises. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { readHostileQuestion, readQuestions } from '../../demo/questions.ts';

const below = mkdtempSync(join(tmpdir(), 'sluice-demo-'));
afterAll(() => rmSync(below, { recursive: true, force: true }));

test('six to eight questions, each with a title in both languages', () => {
  const questions = readQuestions();
  expect(questions.length).toBeGreaterThanOrEqual(6);
  expect(questions.length).toBeLessThanOrEqual(8);
  for (const { title, sql } of [...questions, readHostileQuestion()]) {
    expect(title.en).not.toBe(title.zh);
    expect(sql).toMatch(/^(SELECT|WITH)/);
  }
});

test('the story, from an empty directory to a replay', { timeout: 120_000 }, async () => {
  const run = spawn(process.execPath, ['demo/main.ts', '--below', below, '--scale', '0.05'], { cwd: new URL('../../', import.meta.url), env: { PATH: process.env['PATH'], LANG: 'C.UTF-8' } });
  const [said, complaints, [status]] = await Promise.all([text(run.stdout), text(run.stderr), once(run, 'exit') as Promise<[number | null]>]);
  expect(complaints).toBe('');
  expect(status).toBe(0);
  expect(said).toContain('Approval needs another person');
  expect(said).toContain('· = withheld under the release policy');
  expect(said).toMatch(/hostile.* refused/);
  expect(said).toContain('Everything that was checked holds.');
  expect(said).toMatch(/replayed [0-9a-f]{64} {2}matched/);
  expect(said).toContain('npm run sluice -- serve');
});

/** Questions about made data, through the whole path: what `sluice try` answers under a policy. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

export interface Answer {
  readonly id: string;
  readonly outcome: string;
  readonly columns?: readonly { readonly name: string }[];
  readonly rows?: readonly (readonly (string | number | null)[])[];
  /** Row and column of each withheld value. */
  readonly withheld?: readonly (readonly [number, number])[];
  readonly refusals?: readonly { readonly code: string }[];
}

export interface Made {
  readonly table: Record<string, unknown>;
  /** By file name. */
  readonly files: Readonly<Record<string, string>>;
}

export function ask({ table, files }: Made, statistics: Record<string, unknown>, questions: Readonly<Record<string, string>>): ReadonlyMap<string, Answer> {
  const home = mkdtempSync(join(tmpdir(), 'sluice-attack-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
    writeFileSync(join(home, 'dataset.json'), JSON.stringify({ id: 'made', tables: { t: table } }));
    writeFileSync(join(home, 'policy.json'), JSON.stringify({
      policy: 'made', version: 1, dataset: 'made',
      statistics: { mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, dimensions: 'any', measures: 'any', joins: 'any', ...statistics },
      limits: { gatesPerJob: 200 },
    }));
    writeFileSync(join(home, 'questions.jsonl'), Object.entries(questions).map(([id, sql]) => JSON.stringify({ id, sql })).join('\n'));
    const run = spawnSync(process.execPath, [join(root, 'src/cli/main.ts'), 'try', '--dataset', home, '--policy', join(home, 'policy.json'), '--batch', join(home, 'questions.jsonl'), '--json'], { encoding: 'utf8', cwd: home, maxBuffer: 64 * 2 ** 20 });
    const lines = run.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Answer);
    if (lines.length !== Object.keys(questions).length) throw new Error(`${run.stderr.slice(0, 2000)}${run.stdout.slice(0, 2000)}`);
    return new Map(lines.map((line) => [line.id, line]));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Numbers of a released answer by their first column; null where withheld. */
export function numbers(answer: Answer | undefined): ReadonlyMap<string, number | null> {
  if (answer?.outcome !== 'released' || answer.rows === undefined) throw new Error(JSON.stringify(answer)?.slice(0, 600));
  return new Map(answer.rows.map((row) => [String(row[0]), row[1] === null || row[1] === undefined ? null : Number(row[1])]));
}

/** Opens sealed review evidence of the temporary domain, in a process of the data plane: this one holds no key. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { ReviewEvidence } from '#contract/evidence.ts';
import { cagedEnvironment } from '#src/workers/cage.ts';

const ENTRY = fileURLToPath(new URL('../../../sandbox/reveal-evidence.ts', import.meta.url));

export class EvidenceReader {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #interface: Interface;

  /** @param keys directory of the domain's keys */
  constructor(keys: string) {
    this.#child = spawn(process.execPath, ['--no-warnings', ENTRY, keys], { env: cagedEnvironment('process'), stdio: ['pipe', 'pipe', 'ignore'] });
    this.#child.stdin.on('error', () => {});
    this.#interface = createInterface({ input: this.#child.stdout });
    this.#lines = this.#interface[Symbol.asyncIterator]();
  }

  /** One at a time. Null where it cannot be opened. */
  async read(job: string, sealed: string): Promise<ReviewEvidence | null> {
    this.#child.stdin.write(`${JSON.stringify({ job, sealed })}\n`);
    const line = await this.#lines.next();
    if (line.done === true) return null;
    const evidence = ReviewEvidence.safeParse(JSON.parse(line.value));
    return evidence.success ? evidence.data : null;
  }

  close(): void {
    this.#child.kill('SIGKILL');
    this.#interface.close();
  }
}

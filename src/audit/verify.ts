/**
 * The offline verifier: recomputes a log from its entries, holds it against tiles, signature and an earlier checkpoint,
 * then reads the story. Needs no server, no database and no key but the public one.
 */
import type { Check, CheckFailure, VerificationReport } from '#contract/audit.ts';
import { canonical } from '#contract/canonical.ts';
import { Event } from '#contract/event.ts';
import { type Text, text } from '#contract/text.ts';
import { type Checkpoint, openCheckpoint } from './checkpoint.ts';
import type { LogSource } from './log-files.ts';
import { LOG_VKEY } from './log-key.ts';
import { parseVerifierKey } from './note.ts';
import { Story } from './story.ts';
import { decodeBundle, type Tile, TILE_WIDTH, TileEdge, tilePath } from './tiles.ts';
import { CompactRange, equal, HASH_BYTES, hashLeaf } from './tree.ts';

export interface VerifyOptions {
  readonly source: LogSource;
  /** The log's verifier key as the auditor knows it; without it, the one beside the log is used, and the report says so. */
  readonly vkey?: string;
  /** A signed checkpoint that the auditor kept from an earlier visit. */
  readonly since?: Uint8Array;
  /** Told after each bundle, for people who wait. */
  readonly onProgress?: (entries: number, size: number) => void;
}

export async function verifyLog({ source, vkey, since, onProgress }: VerifyOptions): Promise<VerificationReport> {
  const given = vkey ?? decode(await source.read(LOG_VKEY))?.trim();
  const key = given === undefined ? null : parseVerifierKey(given);
  if (key === null) return unreadable(text('there is no verifier key that can be read', '没有可读取的验证公钥'));
  const note = await source.read('checkpoint');
  if (note === null) return unreadable(text('there is no checkpoint', '没有检查点'));
  const opened = openCheckpoint(note, key);
  if (!opened.ok && opened.error.code === 'note/no-known-signature') return unreadable(text(`the checkpoint is not signed by ${key.name}`, `检查点未由 ${key.name} 签名`));

  const signature = check('checkpoint', text('the checkpoint is well-formed and signed by the log', '检查点格式正确且由日志签名'), 1);
  if (!opened.ok) {
    fail(signature, null, text('the checkpoint or its signature was altered', '检查点或其签名被篡改'));
    return report(null, [signature]);
  }
  const kept = since === undefined ? null : openCheckpoint(since, key);
  if (kept?.ok === false) return unreadable(text('the earlier checkpoint is not one of this log', '先前的检查点不属于该日志'));
  const head = opened.value;
  const checks = await walkLog(source, head, kept?.value ?? null, onProgress);
  return report({ origin: head.origin, vkey: key.vkey, keyFrom: vkey === undefined ? 'log' : 'auditor', size: head.size, root: Buffer.from(head.root).toString('base64') }, [signature, ...checks]);
}

async function walkLog(source: LogSource, head: Checkpoint, kept: Checkpoint | null, onProgress: VerifyOptions['onProgress']): Promise<Check[]> {
  const bundles = check('bundles', text('every entry that the checkpoint counts is there', '检查点所计的每个条目均存在'));
  const entries = check('entries', text('every entry is a well-formed event in canonical form', '每个条目均为规范形式的合法事件'));
  const tiles = check('tiles', text('every tile is what the entries hash to', '每个哈希块均与条目一致'));
  const root = check('root', text('the tree of all entries has the signed root', '全部条目构成的树与签名的根一致'));
  const earlier = check('since', text('the log extends the checkpoint kept earlier', '日志是先前所存检查点的延续'));
  const checks = [bundles, entries, tiles, root, ...(kept === null ? [] : [earlier])];
  if (kept !== null && kept.size > head.size) {
    fail(earlier, null, text(`the log has ${head.size} entries and had ${kept.size}: it was rolled back`, `日志现有 ${head.size} 条，此前有 ${kept.size} 条：已被回退`));
  }

  const range = new CompactRange();
  const edge = new TileEdge();
  const story = new Story();
  const compareAtKept = (size: number) => {
    if (kept === null || kept.size !== size) return;
    count(earlier, equal(range.root(), kept.root) ? null : text(`the first ${size} entries are not those of the earlier checkpoint`, `前 ${size} 条与先前检查点所记不符`), null);
  };
  const compareTile = async (tile: Tile, bytes: Uint8Array) => {
    const found = await source.read(tilePath(tile));
    if (found !== null && equal(found, bytes)) return count(tiles, null, null);
    const wrong = found === null ? text(`${tilePath(tile)} is missing`, `缺少 ${tilePath(tile)}`) : text(`${tilePath(tile)} does not fit the entries`, `${tilePath(tile)} 与条目不符`);
    return count(tiles, wrong, found === null || tile.level !== 0 ? null : tile.index * TILE_WIDTH + Math.floor(firstDifference(found, bytes) / HASH_BYTES));
  };

  compareAtKept(0);
  for (let first = 0; first < head.size; first += TILE_WIDTH) {
    const tile: Tile = { level: 'entries', index: first / TILE_WIDTH, width: Math.min(TILE_WIDTH, head.size - first) };
    const bytes = await source.read(tilePath(tile));
    const bundle = bytes === null ? null : decodeBundle(bytes);
    const complete = bundle !== null && bundle.length === tile.width;
    count(bundles, complete ? null : text(`${tilePath(tile)} is missing or not ${tile.width} entries`, `${tilePath(tile)} 缺失或不是 ${tile.width} 个条目`), first);
    // Without these entries nothing further can be computed.
    if (!complete) return [...checks, ...story.checks()];
    for (const [i, entry] of bundle.entries()) {
      const seq = first + i;
      const leaf = hashLeaf(entry);
      range.append(leaf);
      for (const full of edge.append(leaf)) await compareTile(full.tile, full.bytes);
      compareAtKept(seq + 1);
      const event = parseEntry(entry);
      count(entries, event === null ? text('this entry is not an event of this version in canonical form', '该条目不是此版本规范形式的事件') : null, seq);
      if (event !== null) story.hear(event, seq);
    }
    onProgress?.(first + tile.width, head.size);
  }
  for (const partial of edge.partial()) await compareTile(partial.tile, partial.bytes);
  count(root, equal(range.root(), head.root) ? null : text('the entries are not those that were signed', '条目与签名时不符'), null);
  return [...checks, ...story.checks()];
}

/** @returns null unless the bytes are exactly the canonical form of an event. */
function parseEntry(entry: Uint8Array): Event | null {
  try {
    const source = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(entry);
    const parsed = Event.safeParse(JSON.parse(source));
    return parsed.success && canonical(parsed.data) === source ? parsed.data : null;
  } catch {
    return null;
  }
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const at = b.findIndex((byte, i) => byte !== a[i]);
  return at < 0 ? b.length - 1 : at;
}

function check(name: string, claim: Text, checked = 0): Check {
  return { name, claim, checked, failure: null };
}

function count(of: Check, wrong: Text | null, seq: number | null): void {
  of.checked += 1;
  if (wrong !== null) fail(of, seq, wrong);
}

function fail(of: Check, seq: number | null, message: Text): void {
  of.failure ??= { seq, message };
}

function report(log: VerificationReport['log'], checks: Check[]): VerificationReport {
  const failures = checks.map((one) => one.failure).filter((failure) => failure !== null);
  const place = (failure: CheckFailure) => failure.seq ?? Number.MAX_SAFE_INTEGER;
  const first = failures.toSorted((a, b) => place(a) - place(b))[0] ?? null;
  return { outcome: first === null ? 'verified' : 'violated', log, checks, failure: first };
}

function unreadable(message: Text): VerificationReport {
  return { outcome: 'unreadable', log: null, checks: [], failure: { seq: null, message } };
}

function decode(bytes: Uint8Array | null): string | undefined {
  return bytes === null ? undefined : Buffer.from(bytes).toString('utf8');
}

/** The gates of a compiled query: executed on raw rows, released by the policies, and loaded for whatever comes after them. */
import type { PinnedDataset } from '#contract/job.ts';
import type { Refusal } from '#contract/refusal.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { Value } from '#contract/table.ts';
import type { DataSession } from '../engine/data-engine.ts';
import type { EngineFailure } from '../engine/execute.ts';
import type { RawTable } from '../engine/raw-table.ts';
import type { ScratchSession } from '../engine/scratch-engine.ts';
import type { EngineValue } from '../engine/value.ts';
import type { JobLedger } from '../ledger/job-ledger.ts';
import { stripsOf, type JobStrip } from '../ledger/strips.ts';
import type { GateCells } from '../release/cells.ts';
import { effectiveRules } from '../release/effective-rules.ts';
import { release, type Release, type ReleaseOptions } from '../release/release.ts';
import { cellsOf } from '../sql/cells.ts';
import type { GatePlan } from '../sql/compile.ts';
import { gateTable } from '../sql/gate-table.ts';
import { blurred, mostGroups } from './group-cap.ts';
import { readPlace } from './place.ts';
import { releaseAids } from './release-aids.ts';
import { tooManyCells } from './rest.ts';

export interface GateWorlds {
  /** Below the gate. Null in a worker without data: a query over nothing protected needs none. */
  readonly data: DataSession | null;
  /** Above the gate. */
  readonly scratch: ScratchSession;
  /** Null where no policy of the job asks for the disclosure ledger. */
  readonly ledger: JobLedger | null;
  /** The domain's keys. */
  readonly secret: (name: 'domain' | 'noise') => Uint8Array;
}

/**
 * Runs gates in as few rounds as their dependencies allow: tables of one round leave together, so that they protect each
 * other. Refusals depend on plan and policy only. Throws where the engine fails: whatever data did that must not show.
 * @param resultCells cap of rows × columns of each released table
 * @param forRest whether the rest reads the released tables in the scratch engine
 */
export async function runGates(gates: readonly GatePlan[], datasets: readonly PinnedDataset[], resultCells: number, worlds: GateWorlds, forRest: boolean): Promise<Result<readonly Release[], readonly Refusal[]>> {
  const releases: Release[] = [];
  const done = new Set<number>();
  while (done.size < gates.length) {
    const round = gates.filter(({ spec, uses }) => !done.has(spec.id) && uses.every((gate) => done.has(gate)));
    if (round.length === 0) throw new Error('gates that wait for each other');
    for (const part of leavingTogether(round, worlds.ledger !== null)) {
      const cells: GateCells[] = [];
      for (const gate of part) cells.push(await executeGate(gate, resultCells, worlds));
      const strips = await stripsFor(part, cells, datasets, worlds);
      const recall = worlds.ledger === null ? {} : { recall: await worlds.ledger.examine(strips) };
      // What counts by another gate's table is about other rows in each job, unless that is known as values of dimensions by now.
      const lasting = new Set(part.flatMap(({ spec, uses, place }) => (uses.length === 0 || place?.lasting === true ? [spec.id] : [])));
      const before = await historyOf(cells.filter(({ spec }) => lasting.has(spec.id)), strips, datasets, worlds);
      const released = release(cells, datasets, { ...await releaseAids(gates, datasets, before.history.length > 0), ...recall, ...before, earlier: releases, noiseKey: () => worlds.secret('noise') });
      if (!released.ok) return err(released.error);
      if (released.value.tables.some((table) => isTooLarge(table, part, resultCells))) return err([tooManyCells(resultCells)]);
      worlds.ledger?.keep(released.value, strips, lasting);
      for (const table of released.value.tables) {
        const { columns, rows } = table.load;
        const bare = columns.map(({ name, type }) => ({ name, type }));
        if (forRest || gates.some(({ uses, place }) => place !== null && uses.includes(table.gate))) await worlds.scratch.loadReleased(gateTable(table.gate), bare, rows);
        if (gates.some(({ uses }) => uses.includes(table.gate))) await worlds.data?.loadReleased(gateTable(table.gate), bare, rows);
        done.add(table.gate);
      }
      releases.push(released.value);
    }
  }
  return ok(releases);
}

/** Numbers of earlier tables over the same rows that one release is compared with. */
const MOST_BEFORE = 250_000;

/** Of groups that do not exist for the operator there are tables as well: whether one more of them fits must not show. */
async function historyOf(cells: readonly GateCells[], strips: readonly JobStrip[], datasets: readonly PinnedDataset[], { ledger, secret }: GateWorlds): Promise<Required<Pick<ReleaseOptions, 'history' | 'unseen'>>> {
  const linked = cells.filter(({ spec }) => {
    const rules = effectiveRules(spec, datasets);
    return rules.ok && rules.value.secondary.value === 'required';
  });
  if (ledger === null || linked.length === 0) return { history: [], unseen: new Set() };
  return ledger.history(linked, strips, (asked) => blurred(MOST_BEFORE, `history ${asked}`, secret('domain')));
}

/** Rows of its released table. */
const shownGroups = ({ spec }: GatePlan, resultCells: number): number => Math.max(1, Math.floor(resultCells / Math.max(1, spec.keys.length + spec.outputs.length)));

function isTooLarge({ gate, load }: Release['tables'][number], gates: readonly GatePlan[], resultCells: number): boolean {
  const plan = gates.find(({ spec }) => spec.id === gate);
  return plan !== undefined && load.rows.length > shownGroups(plan, resultCells);
}

/**
 * Tables over the same rows protect each other and leave together. With the ledger, tables over other rows leave one after the
 * other, because what has left is history to whatever comes next; those that nothing could be protected against come last.
 */
function leavingTogether(round: readonly GatePlan[], oneAfterTheOther: boolean): readonly (readonly GatePlan[])[] {
  const parts = oneAfterTheOther ? [...Map.groupBy(round, ({ spec }) => spec.relation ?? spec.id).values()] : [round];
  return parts.toSorted((a, b) => Number(isUncertain(a)) - Number(isUncertain(b)));
}

const isUncertain = (gates: readonly GatePlan[]): boolean => gates.some(({ place }) => place?.certain === false);

async function stripsFor(gates: readonly GatePlan[], cells: readonly GateCells[], datasets: readonly PinnedDataset[], { data, ledger }: GateWorlds): Promise<readonly JobStrip[]> {
  const strips: JobStrip[] = [];
  for (const [i, gate] of gates.entries()) {
    const rules = effectiveRules(gate.spec, datasets);
    if (ledger !== null && data !== null && rules.ok) strips.push(...await stripsOf(gate, cells[i]?.cells ?? [], rules.value, ledger.populations));
  }
  return strips;
}

/** Throws where the engine fails. */
export async function executeGate(gate: GatePlan, resultCells: number, { data, scratch, secret }: Omit<GateWorlds, 'ledger'>): Promise<GateCells> {
  if (data === null) throw new Error('a gate needs data');
  const { spec, universe } = gate;
  const maxGroups = mostGroups(gate, shownGroups(gate, resultCells), () => secret('domain'));
  const read = async (asked: Promise<Result<RawTable, EngineFailure>>): Promise<readonly (readonly EngineValue[])[]> => {
    const raw = await asked;
    if (!raw.ok) throw new Error(raw.error.code);
    return raw.value.rows();
  };
  const found = await cellsOf(gate, {
    query: (sql) => read(data.cells(sql, maxGroups)),
    aside: (sql) => read(data.cellsAside(sql, maxGroups)),
    load: (table, columns, rows) => data.loadGroups(table, columns, rows),
    drop: (table) => data.drop(table),
  });
  return { spec, ...found, universe: universe === null ? shownAsTheyAre(spec) : await readUniverse(universe, spec.keys.length, resultCells, scratch), ...(gate.place === null ? {} : { place: await readPlace(gate.place, scratch) }) };
}

/** Public keys that need not be completed. */
const shownAsTheyAre = ({ keys }: GatePlan['spec']): readonly (readonly Value[])[] | null => (keys.length > 0 && keys.every((key) => key.public) ? [] : null);

async function readUniverse(sql: string, width: number, resultCells: number, scratch: ScratchSession): Promise<readonly (readonly Value[])[]> {
  const read = await scratch.fact(sql, resultCells * Math.max(1, width));
  if (!read.ok) throw new Error(read.error.code);
  return read.value.rows;
}

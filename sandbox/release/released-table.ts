/**
 * The one file that mints what leaves. A `ReleasedTable` is one gate's table after the policy; a `ReleasedResult` is what
 * the rest of the query made of released tables. Both have private constructors and a brand that an object literal cannot
 * fake, so that nothing else can build one.
 */
import type { ResultColumn, ResultTable, ResultType, Value } from '#contract/table.ts';
import { compareRows } from './order.ts';
import { outputValue } from './outputs.ts';
import type { PublishedGate } from './publish.ts';

/**
 * A column of the scratch table that the rest of the query reads: group keys, then value columns, then one BOOLEAN flag for
 * each value column, named `flagName(value)`: true where the value was withheld (and is NULL).
 */
export interface LoadColumn {
  readonly name: string;
  readonly type: ResultType;
  readonly role: 'key' | 'value' | 'flag';
}

export interface LoadForm {
  readonly columns: readonly LoadColumn[];
  readonly rows: readonly (readonly Value[])[];
}

export const flagName = (valueColumn: string): string => `__withheld_${valueColumn}`;

export class ReleasedTable {
  readonly #sealed = true;
  /** The gate this table came from. */
  readonly gate: number;
  readonly load: LoadForm;
  /** Withheld values at public keys; null where no key combination is public. */
  readonly withheldAtPublicKeys: number | null;

  private constructor(gate: number, load: LoadForm, withheldAtPublicKeys: number | null) {
    this.gate = gate;
    this.load = load;
    this.withheldAtPublicKeys = withheldAtPublicKeys;
  }

  static is(x: unknown): x is ReleasedTable {
    return typeof x === 'object' && x !== null && #sealed in x;
  }

  /** Only `release.ts` calls this, with what the rules decided and the mechanism protected. Rows are in canonical order. */
  static mint(gate: PublishedGate, hasPublicKeys: boolean): ReleasedTable {
    const { spec } = gate.gate;
    const columns: LoadColumn[] = [
      ...spec.keys.map(({ name, type }) => ({ name, type, role: 'key' as const })),
      ...spec.outputs.map(({ name, type }) => ({ name, type, role: 'value' as const })),
      ...spec.outputs.map(({ name }) => ({ name: flagName(name), type: 'BOOLEAN', role: 'flag' as const })),
    ];
    let withheld = 0;
    const rows = gate.rows.map((row) => {
      const outputs = spec.outputs.map((output) => outputValue(spec, output, row));
      if (row.public) withheld += outputs.filter((output) => output.withheld).length;
      return [...row.keys, ...outputs.map(({ value }) => value), ...outputs.map((output) => output.withheld)];
    });
    rows.sort(compareRows(columns.map(({ type }) => type)));
    return new ReleasedTable(spec.id, { columns, rows }, hasPublicKeys ? withheld : null);
  }
}

/** What the scratch engine answers for the rest of the query: for each visible column, which column of a row is its flag. */
export interface RestRows {
  readonly columns: readonly (ResultColumn & { readonly flag: number | null })[];
  /** Rows as wide as the scratch query: visible columns first, flags after them. */
  readonly rows: readonly (readonly Value[])[];
  /** Whether the query fixed the order of its rows; if not, they are put in canonical order. */
  readonly ordered: boolean;
}

export class ReleasedResult {
  readonly #sealed = true;
  readonly table: ResultTable;

  private constructor(table: ResultTable) {
    this.table = table;
  }

  static is(x: unknown): x is ReleasedResult {
    return typeof x === 'object' && x !== null && #sealed in x;
  }

  /**
   * @param sources every released table the scratch engine held; nothing else protected may have been loaded into it
   * @param rest its answer; a flagged value is withheld whatever the engine computed for it
   */
  static of(sources: readonly ReleasedTable[], rest: RestRows): ReleasedResult {
    if (!sources.every((source) => ReleasedTable.is(source))) throw new Error('a result is made of released tables only');
    const width = rest.columns.length;
    const flags = Array.from({ length: (rest.rows[0]?.length ?? width) - width }, () => 'BOOLEAN');
    const canonical = compareRows([...rest.columns.map(({ type }) => type), ...flags]);
    const rows = rest.ordered ? rest.rows : [...rest.rows].sort(canonical);
    const withheld: [number, number][] = [];
    const visible = rows.map((row, r) => rest.columns.map(({ flag }, c) => {
      if (flag === null) return cell(row, c);
      if (flag < width) throw new Error('a flag column may not be visible');
      if (cell(row, flag) !== true) return cell(row, c);
      withheld.push([r, c]);
      return null;
    }));
    return new ReleasedResult({ columns: rest.columns.map(({ name, type }) => ({ name, type })), rows: visible, withheld });
  }
}

function cell(row: readonly Value[], i: number): Value {
  const value = row[i];
  if (value === undefined) throw new Error('a row is narrower than its columns');
  return value;
}

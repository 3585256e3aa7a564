/**
 * The aggregate functions that exist, as rows of a table. `gate` says how the release has a rule for it: what is null may
 * stand above the gate only, on released values.
 */
import type { Bound } from '../expression.ts';
import { decimal, isInteger, isNumber, type Type } from '../types.ts';
import { coerce, type Parameter } from './parameter.ts';

/** Families of statistics that a gate knows. */
export type GateStatistic = 'count' | 'count-if' | 'sum' | 'avg' | 'stddev' | 'var' | 'covar' | 'corr' | 'regr';

export interface AggregateFunction {
  readonly name: string;
  readonly gate: GateStatistic | null;
  readonly bind: (args: readonly Bound[]) => { readonly args: readonly Bound[]; readonly type: Type } | null;
  readonly form: string;
}

type ResultOf = Type | ((args: readonly Bound[]) => Type | null);

const same: ResultOf = ([value]) => value?.type ?? null;
const sumType: ResultOf = ([value]) => {
  if (value === undefined) return null;
  const exact = decimal(value.type);
  if (exact !== null) return `DECIMAL(38,${exact.scale})`;
  if (isInteger(value.type) || value.type === 'BOOLEAN') return 'HUGEINT';
  return isNumber(value.type) ? 'DOUBLE' : null;
};
const quantileType: ResultOf = ([value]) => {
  if (value === undefined || !isNumber(value.type)) return value?.type === 'DATE' ? 'TIMESTAMP' : (value?.type ?? null);
  return decimal(value.type) === null ? 'DOUBLE' : value.type;
};

interface Row {
  readonly names: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly optional?: number;
  readonly result: ResultOf;
  readonly gate: GateStatistic | null;
}

const ROWS: readonly Row[] = [
  { names: ['count_star'], parameters: [], result: 'BIGINT', gate: 'count' },
  { names: ['count'], parameters: ['any'], result: 'BIGINT', gate: 'count' },
  { names: ['sum'], parameters: ['any'], result: sumType, gate: 'sum' },
  { names: ['avg', 'mean'], parameters: ['number'], result: 'DOUBLE', gate: 'avg' },
  { names: ['min', 'max'], parameters: ['any'], result: same, gate: null },
  { names: ['any_value', 'arbitrary', 'first', 'last', 'mode'], parameters: ['any'], result: same, gate: null },
  { names: ['arg_min', 'arg_max', 'min_by', 'max_by', 'argmin', 'argmax'], parameters: ['any', 'any'], result: same, gate: null },
  { names: ['median'], parameters: ['any'], result: quantileType, gate: null },
  { names: ['quantile_cont'], parameters: ['any', 'double'], result: quantileType, gate: null },
  { names: ['quantile_disc', 'quantile'], parameters: ['any', 'double'], result: same, gate: null },
  { names: ['stddev', 'stddev_samp', 'stddev_pop', 'sem'], parameters: ['double'], result: 'DOUBLE', gate: 'stddev' },
  { names: ['variance', 'var_samp', 'var_pop'], parameters: ['double'], result: 'DOUBLE', gate: 'var' },
  { names: ['skewness', 'kurtosis', 'kurtosis_pop'], parameters: ['double'], result: 'DOUBLE', gate: null },
  { names: ['covar_pop', 'covar_samp'], parameters: ['double', 'double'], result: 'DOUBLE', gate: 'covar' },
  { names: ['corr'], parameters: ['double', 'double'], result: 'DOUBLE', gate: 'corr' },
  { names: ['regr_avgx', 'regr_avgy', 'regr_intercept', 'regr_r2', 'regr_slope', 'regr_sxx', 'regr_sxy', 'regr_syy'], parameters: ['double', 'double'], result: 'DOUBLE', gate: 'regr' },
  { names: ['regr_count'], parameters: ['double', 'double'], result: 'UINTEGER', gate: null },
  { names: ['bool_and', 'bool_or'], parameters: ['boolean'], result: 'BOOLEAN', gate: null },
  { names: ['count_if', 'countif'], parameters: ['boolean'], result: 'HUGEINT', gate: 'count-if' },
  { names: ['string_agg', 'group_concat', 'listagg'], parameters: ['text', 'text'], optional: 1, result: 'VARCHAR', gate: null },
  { names: ['product'], parameters: ['double'], result: 'DOUBLE', gate: null },
  { names: ['fsum', 'sumkahan', 'kahan_sum', 'favg'], parameters: ['double'], result: 'DOUBLE', gate: null },
];

function fromRow(row: Row, name: string): AggregateFunction {
  const { parameters, optional = 0 } = row;
  return {
    name,
    gate: row.gate,
    form: `${name}(${parameters.join(', ')})`,
    bind: (given) => {
      if (given.length < parameters.length - optional || given.length > parameters.length) return null;
      const args: Bound[] = [];
      for (const [i, arg] of given.entries()) {
        const parameter = parameters[i];
        const fitted = parameter === undefined ? null : coerce(arg, parameter);
        if (fitted === null) return null;
        args.push(fitted);
      }
      const type = typeof row.result === 'string' ? row.result : row.result(args);
      return type === null ? null : { args, type: type === 'NULL' ? 'INTEGER' : type };
    },
  };
}

export const AGGREGATES: ReadonlyMap<string, AggregateFunction> = new Map(
  ROWS.flatMap((row) => row.names.map((name) => fromRow(row, name))).map((fn) => [fn.name, fn]),
);

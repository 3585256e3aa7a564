/** The explanation tree of a planned query: the same for the operator's editor and the agency's approval screen. */
import type { Explanation, GateExplanation } from '#contract/explanation.ts';
import type { JobLimits } from '#contract/job.ts';
import { text, type Text } from '#contract/text.ts';
import type { z } from 'zod';
import type { GateSpec, Output as GateOutput } from '../release/cells.ts';
import { inputsOf } from './bind/hoist.ts';
import { CAPS } from './limits.ts';
import type { PlannedGate } from './plan/gate-plan.ts';
import { gatesUsed } from './plan/gate-plan.ts';
import type { VettedQuery } from './plan/plan.ts';
import type { PlannedRest } from './plan/rest-plan.ts';
import type { Relation } from './relation.ts';

export function explain(query: VettedQuery, gates: readonly PlannedGate[], rest: PlannedRest, limits: z.infer<typeof JobLimits>): Explanation {
  return {
    gates: gates.map((planned, i): GateExplanation => ({
      gate: planned.spec.id,
      position: planned.gate.at ?? planned.gate.aggregates[0]?.call.at ?? null,
      relation: inWords(planned.gate.input),
      units: [...planned.spec.kinds],
      keys: planned.spec.keys.map(({ name, type, public: isPublic }) => ({ name: planned.gate.keys[Number(name.slice(1))]?.column.name ?? name, type, public: isPublic })),
      columns: (query.vetted[i]?.columns ?? []).map(({ column, uses }) => ({ column, uses: [...uses] })),
      statistics: planned.spec.windows === undefined ? planned.spec.outputs.map(statisticText) : positionTexts(planned.spec.windows).map((at) => `${at} as a mean of units`),
      path: planned.path,
      bounds: planned.gate.bounds.map(({ kind, rows, from }) => ({ unit: kind, rows, from })),
      rows: planned.spec.keys.length === 0 ? 1 : null,
    })),
    rest: restInWords(query.rest),
    columns: rest.columns.map(({ name, type }) => ({ name, type })),
    caps: [
      { name: 'gates', used: gates.length, limit: limits.gates },
      { name: 'tables', used: tablesIn(query), limit: CAPS.joins },
      { name: 'columns', used: rest.columns.length, limit: CAPS.columns },
    ],
  };
}

const positionTexts = ({ levels, lowest, highest }: NonNullable<GateSpec['windows']>): readonly string[] => [...(lowest ? ['min'] : []), ...levels.map((level) => `quantile ${level}`), ...(highest ? ['max'] : [])];

function statisticText(output: GateOutput): string {
  switch (output.statistic) {
    case 'count': return `count(measure ${output.measure})`;
    case 'count-units': return `count(distinct ${output.unit})`;
    case 'moment': return `${output.of}(${[output.y, output.x].filter((measure) => measure !== null).map((measure) => `measure ${measure}`).join(', ')})`;
    case 'sum': case 'avg': return `${output.statistic}(${output.terms.map(({ coefficient, measure }) => `${coefficient === '1' ? '' : `${coefficient}·`}measure ${measure}`).join(' + ')})`;
  }
}

function tablesIn(query: VettedQuery): number {
  const count = (relation: Relation): number => (relation.kind === 'scan' ? 1 : inputsOf(relation).reduce((sum, input) => sum + count(input), 0));
  return count(query.rest) + query.vetted.reduce((sum, { gate }) => sum + count(gate.input), 0);
}

function scans(relation: Relation): string[] {
  return relation.kind === 'scan' ? [`${relation.table.dataset}.${relation.table.name}`] : inputsOf(relation).flatMap(scans);
}

function inWords(relation: Relation): Text {
  const tables = [...new Set(scans(relation))];
  const filtered = hasFilter(relation);
  const released = gatesUsed(relation).size > 0;
  const en = `Rows of ${tables.join(', ')}${tables.length > 1 ? ', joined' : ''}${filtered ? ', filtered' : ''}${released ? ', compared with released values' : ''}.`;
  const zh = `${tables.join('、')} 的行${tables.length > 1 ? ',经连接' : ''}${filtered ? ',经过滤' : ''}${released ? ',与已释放的值比较' : ''}。`;
  return text(en, zh);
}

const hasFilter = (relation: Relation): boolean => relation.kind === 'filter' || inputsOf(relation).some(hasFilter);

const STEPS: Readonly<Partial<Record<Relation['kind'], readonly [string, string]>>> = {
  filter: ['filtering', '过滤'], project: ['arithmetic', '计算'], join: ['joins', '连接'], aggregate: ['aggregation', '聚合'], window: ['windows', '窗口'],
  sort: ['ordering', '排序'], limit: ['limit', '限制行数'], distinct: ['distinct', '去重'], 'set-operation': ['set operations', '集合运算'],
};

/** Steps that work on released values. */
function restInWords(relation: Relation): Text {
  const found = new Set<Relation['kind']>();
  const visit = (node: Relation): void => {
    found.add(node.kind);
    inputsOf(node).forEach(visit);
  };
  visit(relation);
  const steps = [...found].flatMap((kind) => (STEPS[kind] === undefined ? [] : [STEPS[kind]]));
  if (steps.length === 0) return text('Released values are shown as they are.', '直接显示已释放的值。');
  return text(`From released values: ${steps.map(([en]) => en).join(', ')}.`, `在已释放的值上:${steps.map(([, zh]) => zh).join('、')}。`);
}

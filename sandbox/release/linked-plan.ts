/** What the gates of one job may not ask for together, by plan and policy alone. */
import type { Refusal } from '#contract/refusal.ts';
import { text } from '#contract/text.ts';
import type { GateCells } from './cells.ts';
import type { EffectiveRules } from './effective-rules.ts';
import { FinestLevels, placeOf } from './place.ts';

export interface PlannedTable {
  readonly gate: GateCells;
  readonly rules: EffectiveRules;
}

export function checkTogether(tables: readonly PlannedTable[]): readonly Refusal[] {
  const levels = new FinestLevels(tables.flatMap(({ gate }) => gate.coarsenings ?? []));
  const placed = tables.flatMap(({ gate, rules }) => {
    const place = placeOf(gate, levels);
    return place === null ? [] : [{ gate, rules, base: place.base, roots: new Set(place.keys.map(({ root }) => root)) }];
  });
  return [...[...Map.groupBy(placed, ({ base }) => base).values()].flatMap((linked) => [...unitsThatDoNotAddUp(linked), ...marginsOfSeveral(linked)]), ...notPlaced(tables)];
}

/** Whether the policy leaves it to a rule (`refuse`) or to somebody (`hold`) what happens to tables that earlier ones, or later ones, cannot be protected against. */
export function isVague({ gate: { place }, rules: { secondary, withholds } }: PlannedTable): boolean {
  return place?.vague !== undefined && place.vague.length > 0 && secondary.value === 'required' && withholds;
}

function notPlaced(tables: readonly PlannedTable[]): readonly Refusal[] {
  const vague = tables.find((table) => isVague(table) && table.rules.differencing.value === 'refuse');
  return vague === undefined ? [] : [{
    code: 'release/not-placed',
    message: text(
      'It cannot be told which cells of other tables the numbers of this query are made of, so what those withhold could not be protected against them.',
      '无法判定本查询的数值由其他表的哪些单元格构成,因此无法保证其他表中被隐去的数值不被其推算出来。',
    ),
    position: null,
    clause: vague.rules.secondary.clause,
    suggestion: text('Read each table once, join it by declared references, and use conditions on columns whose values are declared.', '请让每张表只读取一次,按已声明的引用关系连接,并只对已声明取值的字段设置条件。'),
  }];
}

interface Placed extends PlannedTable {
  readonly roots: ReadonlySet<string>;
}

/** Units with several rows can be in several cells, so what is hidden of one count is not what others leave: no audit would hold. */
function unitsThatDoNotAddUp(linked: readonly Placed[]): readonly Refusal[] {
  const counting = linked.filter(({ gate: { spec }, rules }) => rules.secondary.value === 'required' && rules.withholds && spec.outputs.some((output) =>
    output.statistic === 'count-units' && spec.measures.find(({ id }) => id === output.measure)?.bound?.[output.unit]?.rows !== 1n));
  const [first] = counting;
  return first === undefined || counting.length < 2 ? [] : [{
    code: 'release/units-not-additive',
    message: text(
      'Several tables of this query count distinct units that may have many rows. Such counts do not add up, so a withheld one could not be protected against the others.',
      '本查询的多张表都对可能有多行记录的主体去重计数。此类计数不可相加,无法保证被隐去的计数不被其他表推算出来。',
    ),
    position: null,
    clause: first.rules.secondary.clause,
    suggestion: text('Count distinct units in one table only, or count rows in the others.', '请只在一张表中对主体去重计数,其他表改为计数行数。'),
  }];
}

/** Cells can be rounded so that one chain of margins adds up, not so that several tables that cross each other all do. */
function marginsOfSeveral(linked: readonly Placed[]): readonly Refusal[] {
  const controlled = linked.filter(({ rules: { mechanism: { value } } }) => value.kind === 'round' && value.method === 'controlled');
  const within = (a: Placed, b: Placed): boolean => [...a.roots].every((root) => b.roots.has(root));
  const torn = controlled.find((margin) => {
    const finer = controlled.filter((other) => other !== margin && within(margin, other) && !within(other, margin));
    return finer.some((a) => !finer.every((b) => within(a, b) || within(b, a)) && !finer.some((c) => within(a, c) && finer.every((b) => within(b, c))));
  });
  return torn === undefined ? [] : [{
    code: 'release/margins-cannot-agree',
    message: text(
      'The policy rounds margins to the sums of their rounded cells, which cannot be done for tables that cross each other and share a margin.',
      '策略要求合计等于舍入后各单元格之和,而对相互交叉且共用合计的多张表无法同时做到。',
    ),
    position: null,
    clause: torn.rules.mechanism.clause,
    suggestion: text('Ask for the table of all dimensions together, or for each of these tables in a query of its own.', '请查询包含全部维度的一张表,或将这些表分别查询。'),
  }];
}

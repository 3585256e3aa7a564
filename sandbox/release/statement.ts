/**
 * The statement an operator reads with a result: rules in force with their clauses, how much was withheld in total, what
 * would help. Never which rule removed a cell, never the parameters of dominance rules.
 */
import type { Mechanism } from '#contract/policy.ts';
import { statedNoise, type StatedNoise } from '#contract/noise-size.ts';
import { assertNever } from '#contract/result.ts';
import type { Noise, Statement, StatementRule } from '#contract/statement.ts';
import { text } from '#contract/text.ts';
import type { Text } from '#contract/text.ts';
import type { DecidedGate } from './decide.ts';
import type { Release } from './release.ts';

export function statementOf(releases: readonly Release[]): Statement {
  const decided = releases.flatMap((release) => release.decided);
  const rules = new Map<string, StatementRule>();
  for (const gate of decided) for (const rule of rulesInForce(gate)) rules.set(rule.clause, rule);
  for (const gate of decided) for (const rule of [...windowRule(gate), ...classRule(gate)]) rules.set(rule.clause, rule);
  const noise = new Map(decided.flatMap((gate) => noiseOf(gate)).map((of) => [of.clause, of]));

  const counted = releases.flatMap(({ tables }) => tables.map((table) => table.withheldAtPublicKeys)).filter((n) => n !== null);
  const withheld = counted.length === 0 ? null : counted.reduce((sum, n) => sum + n, 0);
  const withholds = decided.some((gate) => gate.rules.withholds);
  const mayOmitRows = decided.some(({ rules: { completes }, gate: { spec } }) => completes && spec.keys.some((key) => !key.public));
  const numbers = [...new Set(decided.flatMap(({ rules: { mechanism }, gate: { spec } }): readonly Change[] => [...changeOf(mechanism.value), ...(spec.windows === undefined ? [] : ['windows' as const])]))].sort();
  // What is withheld with everything around it anybody sees by that.
  const isCrowded = withheld !== 0 && releases.some(({ exact, pattern }) => !exact || (pattern?.whole ?? 0) > 0);
  return {
    rules: [...rules.values()],
    withheld,
    numbers,
    noise: [...noise.values()],
    mayOmitRows,
    help: (withheld ?? 0) > 0 || mayOmitRows || isCrowded ? [...isCrowded ? CROWDED_HELP : [], ...HELP] : [],
    sentences: [...sentences(decided.length > 0, numbers, withholds, withheld, mayOmitRows), ...isCrowded ? [CROWDED] : []],
  };
}

function rulesInForce({ rules, noise }: DecidedGate): readonly StatementRule[] {
  const inForce: StatementRule[] = [];
  for (const [kind, { value, clause }] of rules.units) {
    if (value > 0) {
      inForce.push({ clause, text: text(
        `A value is released only if at least ${value} different units of kind “${kind}” contribute to it.`,
        `只有至少 ${value} 个不同的“${kind}”类主体参与计算的数值才会输出。`,
      ) });
    }
  }
  // One entry for each policy, without the number of rules or their parameters: those would help to undo them.
  for (const { clause } of rules.dominance) {
    inForce.push({ clause: clause.replace(/\.\d+$/, ''), text: text(
      'A total is released only if no few units make up most of it. The exact limits are not published.',
      '只有不被少数主体主导的合计值才会输出,具体界限不公开。',
    ) });
  }
  if (rules.withhold.value === 'table') {
    inForce.push({ clause: rules.withhold.clause, text: text(
      'If one value of a table fails a rule, the whole table is withheld.', '表中只要有一个数值不符合规则,整张表都会被隐去。',
    ) });
  }
  if (rules.withholds) {
    inForce.push({ clause: rules.zeros.clause, text: rules.zeros.value === 'disclosive'
      ? text('An empty group looks like one that is too small.', '空组与数量不足的组显示相同。')
      : text('An empty group is shown as empty.', '空组按空值显示。') });
  }
  if (rules.withholds && rules.secondary.value === 'required') {
    inForce.push({ clause: rules.secondary.clause, text: text(
      'Further values are withheld where totals of the same query would allow a withheld one to be worked out.',
      '如可由同一查询的合计推算出被隐去的数值,则同时隐去其他相关数值。',
    ) });
  }
  if (rules.differencing.value !== 'none') {
    inForce.push({ clause: rules.differencing.clause, text: text(
      'A number about a population that is the same, or nearly the same, as one released before is given as it was then; one that follows from earlier releases, exactly or but for a few units, is given as it follows.',
      '如某数值对应的主体群与此前已发布的相同或几乎相同,则按当时的数值给出;如可由此前的发布结果推出(完全一致或仅差少数主体),则按推出的数值给出。',
    ) });
  }
  if (rules.review.value !== 'automatic') {
    inForce.push({ clause: rules.review.clause, text: rules.review.value === 'manual'
      ? text('Every result waits for a reviewer of the agency.', '每项结果均须经数据提供单位审核。')
      : text('A result of which anything is withheld waits for a reviewer of the agency.', '凡有数值被隐去的结果,须经数据提供单位审核。') });
  }
  const mechanism = mechanismRule(rules.mechanism.value, noise === null ? null : statedNoise(noise.size));
  if (mechanism !== null) inForce.push({ clause: rules.mechanism.clause, text: mechanism });
  return inForce;
}

function classRule({ gate: { classes }, rules }: DecidedGate): readonly StatementRule[] {
  if (classes === undefined) return [];
  return [{ clause: rules.zeros.clause, text: text(
    'An empty group looks like one that is too small. A group of which all, or nearly all, fall into one category of a sensitive attribute is withheld for that category, however large it is.',
    '空组与数量不足的组显示相同。某组主体如全部或几乎全部属于敏感属性的同一类别,则无论该组多大,该类别的数值均予隐去。',
  ) }];
}

function windowRule({ gate: { spec }, rules }: DecidedGate): readonly StatementRule[] {
  const [units] = rules.units.values();
  if (spec.windows === undefined || units === undefined) return [];
  return [{ clause: units.clause.replace(/statistics\..*$/, 'statistics.quantileLevels'), text: text(
    `A quantile, minimum or maximum is the mean of at least ${Math.max(1, ...[...rules.units.values()].map(({ value }) => value))} units around that place, more where no fewer are safe.`,
    `分位数、最小值和最大值为该位置附近至少 ${Math.max(1, ...[...rules.units.values()].map(({ value }) => value))} 个主体的均值;不安全时取更多主体。`,
  ) }];
}

type Change = NonNullable<Statement['numbers']>[number];

function changeOf(mechanism: Mechanism): readonly Change[] {
  switch (mechanism.kind) {
    case 'suppress': return [];
    case 'round': return ['rounded'];
    case 'cell-key':
    case 'differential-privacy': return ['perturbed'];
    default: return assertNever(mechanism);
  }
}

function mechanismRule(mechanism: Mechanism, noise: StatedNoise | null): Text | null {
  switch (mechanism.kind) {
    case 'suppress': return null;
    case 'round': {
      const { base, method } = mechanism;
      const how = {
        nearest: text(`Counts of units are rounded to the nearest multiple of ${base}`, `主体计数舍入到最近的 ${base} 的倍数`),
        controlled: text(`Counts of units are rounded to multiples of ${base}, so that margins are the sums of their rounded cells`, `主体计数舍入到 ${base} 的倍数,且合计等于各舍入单元格之和`),
        midpoint: text(`Counts of units are replaced by the middle of their band of ${base}`, `主体计数以宽度为 ${base} 的区间中点表示`),
      }[method];
      return text(
        `${how.en}; counts of rows and sums by that times what one unit can contribute at most. Averages are computed from rounded numbers.`,
        `${how.zh};行数与合计值按该基数乘以单个主体的最大贡献处理,平均值由舍入后的数值计算。`,
      );
    }
    case 'cell-key': {
      if (noise === null) throw new Error('noise without its table passed the check of the plan');
      const size = sizeOf(noise);
      return text(
        `Every number carries noise that depends on who contributes to it and on nothing else, so asking again gives the same number; margins need not add up. ${size.en} For sums, and counts of rows of which a unit may have several, it is that times what one unit can contribute at most, and up to half of that contribution more; averages are computed from noisy numbers.`,
        `每个数值都带有仅取决于参与主体的噪声,重复查询结果相同,合计不一定等于各项之和。${size.zh}合计值以及同一主体可有多行时的行数,其噪声为上述噪声乘以单个主体的最大贡献,另加不超过该贡献一半的噪声;平均值由加噪后的数值计算。`,
      );
    }
    case 'differential-privacy': throw new Error('a mechanism that is not built passed the check of the policy');
    default: return assertNever(mechanism);
  }
}

function sizeOf({ from, below, ...above }: StatedNoise): Text {
  const { variance: v, maxDeviation: d } = above;
  if (below === null) return text(`Its variance is ${v}, and it is at most ${units(d)}${offBy(above).en}.`, `噪声方差为 ${v},最大不超过 ${d} 个主体${offBy(above).zh}。`);
  return text(
    `For counts of ${units(from)} and more its variance is ${v}, and it is at most ${units(d)}${offBy(above).en}; for smaller ones its variance is at most ${below.variance}, and it is at most ${units(below.maxDeviation)}${offBy(below).en}.`,
    `计数不少于 ${from} 个主体时,噪声方差为 ${v},最大不超过 ${d} 个主体${offBy(above).zh};计数更小时,噪声方差不超过 ${below.variance},最大不超过 ${below.maxDeviation} 个主体${offBy(below).zh}。`,
  );
}

/** Said of tables that round or shift: whoever averages such numbers has to know. */
function offBy({ bias }: Pick<StatedNoise, 'bias'>): Text {
  return bias === undefined ? text('', '') : text(` (not 0 on average: a single count is off by up to ${bias} in the mean)`, `(均值不为 0:单个计数的平均偏差可达 ${bias})`);
}

function units(n: number): string {
  return `${n} ${n === 1 ? 'unit' : 'units'}`;
}

function noiseOf({ rules, noise }: DecidedGate): readonly Noise[] {
  if (noise === null) return [];
  return [{ clause: rules.mechanism.clause, ...statedNoise(noise.size) }];
}

const CROWDED = text(
  'Tables of these numbers, this one and those that have left before, overlap in more ways than could be worked out. So numbers were withheld that might have been shown, with everything around them.',
  '本表与此前已发布的同类数值表相互交叠,其组合方式超出可推算的范围;因此,一些本可显示的数值连同其周围的数值一并被隐去。',
);
const CROWDED_HELP: readonly Text[] = [
  text('What was released before is given again whenever it is asked for.', '此前已发布的数值可随时再次查询。'),
  text('Ask for one table with all dimensions that you need, before others: tables that are sums of its groups count as nothing new.', '请先一次查询包含所需全部维度的表:由其各组汇总而成的表不计为新的表。'),
];

const HELP: readonly Text[] = [
  text('Group more coarsely: use a higher level of a hierarchy or wider bands.', '使用更粗的分组:选择更高的层级或更宽的区间。'),
  text('Use fewer dimensions at once, or leave out a filter.', '减少同时使用的维度,或去掉部分筛选条件。'),
];

function sentences(hasGates: boolean, numbers: readonly Change[], withholds: boolean, withheld: number | null, mayOmitRows: boolean): readonly Text[] {
  if (!hasGates) return [text('The result is computed from public tables only.', '结果仅由公开数据表计算得出。')];
  const said: Text[] = withholds ? [] : [text('The policy in force withholds nothing.', '当前策略不隐去任何数值。')];
  if (numbers.includes('rounded')) said.push(text('Numbers are not exact: they are rounded, as the rules in force say.', '数值并非精确值,已按所适用的规则舍入。'));
  if (numbers.includes('perturbed')) said.push(text('Numbers are not exact: they carry noise, as the rules in force say.', '数值并非精确值,已按所适用的规则加入噪声。'));
  if (numbers.includes('windows')) said.push(text('Quantiles and extremes are means of several units, as the rules in force say.', '分位数和极值为若干主体的均值,见所适用的规则。'));
  if (withholds && withheld === 0) said.push(text('No value was withheld.', '没有数值被隐去。'));
  if (withheld !== null && withheld > 0) {
    said.push(text(
      `${withheld} ${withheld === 1 ? 'value was' : 'values were'} withheld before the rest of the query ran. A withheld value is NULL and marked; it may stand for a small group or for none at all.`,
      `在执行查询的其余部分之前,共隐去 ${withheld} 个数值。被隐去的数值为 NULL 并带有标记,可能对应数量不足的组,也可能对应空组。`,
    ));
  }
  if (mayOmitRows) {
    said.push(text(
      'Groups that are too small to be named are left out, so the table may be incomplete.',
      '数量不足、不宜列出的组已被省略,因此结果表可能不完整。',
    ));
  }
  return said;
}

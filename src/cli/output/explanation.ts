/** The explanation tree of a query, as people read it. */
import type { Explanation, GateExplanation } from '#contract/explanation.ts';
import { text, type Language, type Text } from '#contract/text.ts';

const PATHS = {
  'one-row-per-unit': text('one row per unit: units are counted as rows', '每个主体一行：按行数计主体数'),
  'certified-by-bounds': text('certified by declared bounds; exact count only where they do not suffice', '依声明的上限认证；不足时才精确计数'),
  'certified-by-witnesses': text('certified by units of a small slice of the data; exact count only where they do not suffice', '由数据小样本中的主体佐证；不足时才精确计数'),
  'per-unit': text('pre-aggregated per unit', '按主体预聚合'),
} as const satisfies Record<GateExplanation['path'], Text>;

export function showExplanation({ gates, rest, columns, caps }: Explanation, language: Language): string {
  const say = (en: string, zh: string) => text(en, zh)[language];
  const lines = gates.flatMap((gate) => [
    `${say('gate', '闸门')} ${gate.gate + 1}: ${gate.relation[language]}`,
    `├─ ${say('units', '主体')}: ${gate.units.join(', ')}`,
    `├─ ${say('keys', '分组')}: ${gate.keys.map((key) => `${key.name} ${key.type}${key.public ? ` (${say('public', '公开')})` : ''}`).join(', ') || '—'}`,
    ...gate.columns.map(({ column, uses }) => `├─ ${column}: ${uses.join(', ')}`),
    `├─ ${say('statistics', '统计量')}: ${gate.statistics.join(', ')}`,
    ...gate.bounds.map(({ unit, rows, from }) => `├─ ${say('rows of one', '单个主体行数')} ${unit}: ${rows ?? say('not bounded', '无上限')} (${from})`),
    `└─ ${PATHS[gate.path][language]}${gate.rows === null ? '' : `; ${say(`${gate.rows} rows whatever the data`, `无论数据如何均为 ${gate.rows} 行`)}`}`,
  ]);
  lines.push(
    `${say('above the gate', '闸门之上')}: ${rest[language]}`,
    `${say('result', '结果')}: ${columns.map(({ name, type }) => `${name} ${type}`).join(', ')}`,
    ...caps.map(({ name, used, limit }) => `${say('limit', '限制')} ${name}: ${used}/${limit}`),
  );
  return lines.map((line) => `${line}\n`).join('');
}

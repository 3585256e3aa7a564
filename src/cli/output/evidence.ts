/** The agency's view of a release: every cell, what left of it, and which rule decided. */
import type { EvidenceCell, EvidenceGate, EvidenceLedger, EvidenceMeasure, EvidenceOverlap, EvidencePattern, ReviewEvidence } from '#contract/evidence.ts';
import { text, type Language, type Text } from '#contract/text.ts';
import { grid, printable } from './grid.ts';

const OUTCOMES = {
  released: text('released', '已发布'),
  'count-only': text('count only', '仅计数'),
  withheld: text('withheld', '不予公开'),
} as const satisfies Record<EvidenceMeasure['outcome'], Text>;

export function showEvidence({ gates, pattern, ledger }: ReviewEvidence, language: Language): string {
  return [...gates.map((gate) => `${text(`Gate ${gate.gate + 1}, for the agency:`, `闸门 ${gate.gate + 1}（供数据提供单位查看）：`)[language]}\n${showGate(gate, language)}`), ...(pattern === undefined ? [] : [showPattern(pattern, language)]), ...(ledger === undefined ? [] : [showLedger(ledger, language)])].join('\n');
}

function showGate(gate: EvidenceGate, language: Language): string {
  const say = (en: string, zh: string) => text(en, zh)[language];
  const measures = new Map(gate.measures.map(({ measure, of, condition }) => [measure, condition === null ? of : `${of} | ${condition}`]));
  const weakest = gate.weakest === null ? undefined : gate.cells[gate.weakest];
  const cells = grid(
    [...gate.keys.map((title) => ({ title })), { title: say('measure', '度量') }, { title: say('outcome', '结果') }, { title: say('decided by', '决定条款') }, { title: say('margins', '余量') }],
    gate.cells.flatMap((cell) => cell.measures.map((measure) => [
      ...cell.keys.map((key) => String(key ?? '')),
      measures.get(measure.measure) ?? String(measure.measure),
      outcomeOf(cell, measure, language),
      measure.decidedBy.join('; '),
      measure.checks.map(({ rule, unit, margin, passes }) => `${passes ? '✓' : '✗'} ${rule}${unit === null ? '' : ` ${unit}`} ${margin ?? '≥'}`).join('; '),
    ])),
  );
  return weakest === undefined ? cells : `${cells}${say('Weakest released cell', '最弱的已发布单元')}: ${weakest.keys.length === 0 ? say('the only one', '唯一单元') : weakest.keys.map((key) => printable(String(key ?? ''))).join(', ')}\n`;
}

/** How much was withheld to cover other cells, and whether less would do. */
function showPattern({ numbers, whole, gap }: EvidencePattern, language: Language): string {
  const say = (en: string, zh: string) => text(en, zh)[language];
  const percent = `${Math.round(gap * 1000) / 10}%`;
  if (numbers === 0) return `${say('Secondary suppression: no further number was withheld.', '次级抑制：未另外抑制任何数值。')}\n`;
  return [
    say(`Secondary suppression: ${numbers} further ${numbers === 1 ? 'number' : 'numbers'} withheld. `, `次级抑制：另有 ${numbers} 个数值不予公开。`),
    gap === 0 ? say('No choice that protects as much withholds less.', '在同等保护下，没有抑制更少的方案。') : say(`Another choice that protects as much would save ${percent} of it at most.`, `在同等保护下，其他方案最多可少抑制 ${percent}。`),
    whole === 0 ? '' : say(` ${whole} of them because no choice was found around a cell within the work allowed.`, `其中 ${whole} 个是因为在限定的计算量内未能为相关单元找到方案。`),
    '\n',
  ].join('');
}

const HOW = {
  same: text('as released before', '同此前发布'),
  follows: text('follows from earlier releases', '由此前发布推出'),
  together: text('follows from the same tables', '由同批表推出'),
} as const satisfies Record<EvidenceOverlap['how'], Text>;

function showLedger({ overlaps, exact }: EvidenceLedger, language: Language): string {
  const say = (en: string, zh: string) => text(en, zh)[language];
  const bounded = exact ? '' : say('The search for combinations was bounded.\n', '组合检查受限，未能穷尽。\n');
  if (overlaps.length === 0) return `${say('Earlier releases: no number had to be given as it was or as it follows.', '与历史发布比对：无需沿用此前数值或推出数值。')}\n${bounded}`;
  const rows = grid(
    [{ title: say('gate', '闸门') }, { title: say('group', '分组') }, { title: say('number', '数值') }, { title: say('given', '给出方式') }, { title: say('units that differ', '相差主体数') }, { title: say('releases', '相关发布') }],
    overlaps.map(({ gate, keys, face, how, differing, releases }) => [String(gate + 1), keys.map((key) => printable(String(key ?? ''))).join(', '), face, HOW[how][language], String(differing), releases.join(', ')]),
  );
  return `${say('Numbers that were not given as they are, because of earlier releases:', '因历史发布而未按本身给出的数值：')}\n${rows}${bounded}`;
}

function outcomeOf(cell: EvidenceCell, measure: EvidenceMeasure, language: Language): string {
  const shown = OUTCOMES[measure.outcome][language];
  return cell.absent ? `${shown}, ${text('row absent', '该行不出现')[language]}` : shown;
}

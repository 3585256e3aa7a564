/** The agency's view of a release: every cell, what left of it, and which rule decided. */
import type { EvidenceCell, EvidenceGate, EvidenceMeasure, ReviewEvidence } from '#contract/evidence.ts';
import { text, type Language, type Text } from '#contract/text.ts';
import { grid, printable } from './grid.ts';

const OUTCOMES = {
  released: text('released', '已发布'),
  'count-only': text('count only', '仅计数'),
  withheld: text('withheld', '不予公开'),
} as const satisfies Record<EvidenceMeasure['outcome'], Text>;

export function showEvidence({ gates }: ReviewEvidence, language: Language): string {
  return gates.map((gate) => `${text(`Gate ${gate.gate + 1}, for the agency:`, `闸门 ${gate.gate + 1}（供数据提供单位查看）：`)[language]}\n${showGate(gate, language)}`).join('\n');
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
      measure.checks.map(({ rule, unit, margin, passes }) => `${passes ? '✓' : '✗'} ${rule} ${unit} ${margin ?? '≥'}`).join('; '),
    ])),
  );
  return weakest === undefined ? cells : `${cells}${say('Weakest released cell', '最弱的已发布单元')}: ${weakest.keys.length === 0 ? say('the only one', '唯一单元') : weakest.keys.map((key) => printable(String(key ?? ''))).join(', ')}\n`;
}

function outcomeOf(cell: EvidenceCell, measure: EvidenceMeasure, language: Language): string {
  const shown = OUTCOMES[measure.outcome][language];
  return cell.absent ? `${shown}, ${text('row absent', '该行不出现')[language]}` : shown;
}

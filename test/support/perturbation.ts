/** Perturbation tables of agencies, as files. */
import { ONS_COUNTS, ONS_KEYS } from '#contract/ons-table.ts';

/** Every line, by pcv and key. */
export function tableCsv(noise: (pcv: number, key: number) => number): string {
  const lines = Array.from({ length: ONS_COUNTS * ONS_KEYS }, (_, i) => {
    const [pcv, key] = [Math.floor(i / ONS_KEYS) + 1, i % ONS_KEYS];
    return `${pcv},${key},${noise(pcv, key)}`;
  });
  return `pcv,ckey,pvalue\n${lines.join('\n')}\n`;
}

/** −3 … 3, as many keys each and the rest 0; of counts below 3 no more than the count itself: mean 0 everywhere. */
export function evenly(pcv: number, key: number): number {
  const width = Math.min(pcv, 3);
  const values = 2 * width + 1;
  return key < values * Math.floor(ONS_KEYS / values) ? (key % values) - width : 0;
}

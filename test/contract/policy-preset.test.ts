import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { checkPolicy } from '#contract/policy-check.ts';
import { draftFrom, PolicyPreset } from '#contract/policy-preset.ts';

const manifest = Manifest.parse({
  id: 'city',
  tables: { residents: { file: 'r.csv', units: { person: 'id' }, columns: { id: { type: 'bigint', role: 'unit' } } }, firms: { file: 'f.csv', units: { enterprise: 'id' }, columns: { id: { type: 'bigint', role: 'unit' } } } },
});

/** What this version does not have, by preset; everything else must be usable as it is. */
const REFUSED: Record<string, string[]> = {
  acro: [],
  sdclog: [],
  datashield: [],
  opensafely: [],
  'opensafely-midpoint6': [],
  'abs-datalab': [],
  ons: [],
  strict: ['policy/not-built statistics.mechanism'],
};

const files = readdirSync('policies/presets').filter((file) => file.endsWith('.json'));

test('every preset is known here and in the README', () => {
  expect(files.map((file) => file.replace('.json', '')).sort()).toEqual(Object.keys(REFUSED).sort());
  const readme = readFileSync('policies/presets/README.md', 'utf8');
  for (const name of Object.keys(REFUSED)) expect(readme).toContain(`| \`${name}\` |`);
});

describe.each(files)('%s', (file) => {
  const preset = PolicyPreset.parse(JSON.parse(readFileSync(`policies/presets/${file}`, 'utf8')));

  test('is named as its file, has sources, and covers every kind of unit', () => {
    expect(`${preset.preset}.json`).toBe(file);
    expect(Object.keys(draftFrom(preset, manifest).statistics.units)).toEqual(['enterprise', 'person']);
  });

  test('is usable, or refused exactly for what is not built', () => {
    expect(checkPolicy(draftFrom(preset, manifest), manifest).filter(({ code }) => code === 'policy/not-built').map(({ code, path }) => `${code} ${path}`)).toEqual(REFUSED[preset.preset]);
    expect(checkPolicy(draftFrom(preset, manifest), manifest).filter(({ code, path }) => code !== 'policy/not-built' && !path.startsWith('statistics.dominance'))).toEqual([]);
  });
});

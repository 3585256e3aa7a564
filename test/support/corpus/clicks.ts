/** Page views of a web counter, in the spirit of ClickBench: one wide table, the visitor is protected. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Manifest } from '#contract/manifest.ts';
import { choice, Random, Weighted } from '../../../datasets/city/random.ts';
import { tableOf, writeTable } from './tables.ts';
import type { Cell } from './tables.ts';

const flag = { type: 'smallint', min: '0', max: '1' } as const;
const MAX_HITS = 400;

export const CLICKS = Manifest.parse({
  id: 'clicks',
  tables: {
    hits: tableOf('hits', {
      user_id: { type: 'bigint', role: 'unit' }, event_at: { type: 'timestamp', min: '2023-07-01T00:00:00', max: '2023-07-31T23:59:59' },
      event_date: { type: 'date', min: '2023-07-01', max: '2023-07-31' }, counter_id: { type: 'integer', min: '1', max: '80' }, region_id: { type: 'integer', min: '1', max: '250' },
      system: { type: 'smallint', min: '0', max: '30' }, age: { type: 'smallint', role: 'quasi', min: '0', max: '99' }, phone: { type: 'varchar', nullable: true }, model: { type: 'varchar', nullable: true },
      phrase: { type: 'varchar', role: 'sensitive', nullable: true }, url: 'varchar', url_hash: { type: 'bigint', min: '0', max: '4294967295' }, referrer: { type: 'varchar', nullable: true }, title: 'varchar',
      client_ip: { type: 'bigint', role: 'quasi', min: '0', max: '4294967295' }, engine: { type: 'smallint', min: '0', max: '9' }, advert: { type: 'smallint', min: '0', max: '30' }, source: { type: 'smallint', min: '-1', max: '9' },
      width: { type: 'smallint', min: '0', max: '4000' }, height: { type: 'smallint', min: '0', max: '3000' }, load_ms: { type: 'integer', min: '0', max: '60000', nullable: true },
      is_refresh: flag, is_link: flag, is_download: flag, is_counted: flag,
    }, { units: { user: 'user_id' }, maxRowsPerUnit: { user: MAX_HITS } }),
  },
});

const PHONES = ['Acme', 'Bolt', 'Cirrus', 'Delta'];
const WORDS = ['weather', 'tram times', 'rental flat', 'cheap flights', 'football score', 'recipe soup', 'used car', 'museum', 'dentist', 'tax form'];
const SITES = ['http://shop.example/', 'http://news.example/', 'http://maps.example/', 'https://mail.example/', 'http://search.example/?q='];
const FIRST = Date.UTC(2023, 6, 1);
const MINUTES = 31 * 24 * 60;

/** Writes manifest and table. The same seed and size give the same bytes. */
export function generateClicks(directory: string, { users }: { readonly users: number } = { users: 1200 }, seed = 1): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'dataset.json'), JSON.stringify(CLICKS, null, 1));
  const random = new Random(seed, 'clicks');
  const counter = new Weighted(Array.from({ length: 80 }, (_, i) => 1 / (i + 1)));
  const region = new Weighted(Array.from({ length: 250 }, (_, i) => 1 / (i + 1)));
  const phrase = choice<string | null>([[null, 70], ...WORDS.map((word, i): [string, number] => [word, 10 / (i + 1)])]);
  const advert = choice<number>([[0, 88], [2, 6], [13, 4], [27, 2]]);
  const size = choice<readonly [number, number]>([[[1920, 1080], 40], [[1366, 768], 25], [[390, 844], 30], [[0, 0], 5]]);
  const rows: Cell[][] = [];
  for (let user = 0; user < users; user++) {
    const [place, system, age, screen] = [1 + region.draw(random), random.below(8), 14 + random.below(70), size(random)];
    const phone = screen[0] === 390 ? random.pick(PHONES) : null;
    const ip = random.bits();
    const count = Math.min(MAX_HITS, Math.ceil(3 / (0.01 + random.unit()) - 2));
    for (let n = 0; n < count; n++) {
      const minute = random.below(MINUTES);
      const at = new Date(FIRST + minute * 60_000 + random.below(60) * 1000).toISOString();
      const asked = phrase(random);
      const page = `${random.pick(SITES)}${random.below(40)}`;
      rows.push([
        user * 7919 + 100, at.slice(0, 19), at.slice(0, 10), 1 + counter.draw(random), place, system, age, phone, phone === null ? null : `${phone} ${1 + random.below(3)}`,
        asked, page, (page.length * 2_654_435_761) % 4_294_967_296, random.unit() < 0.4 ? null : random.pick(SITES), `Page ${random.below(60)}`,
        ip, asked === null ? 0 : 1 + random.below(4), advert(random), asked === null ? random.below(3) : 2, screen[0], screen[1], random.unit() < 0.1 ? null : Math.min(60_000, Math.round(300 * Math.exp(random.normal()))),
        random.unit() < 0.1 ? 1 : 0, random.unit() < 0.2 ? 1 : 0, random.unit() < 0.03 ? 1 : 0, random.unit() < 0.95 ? 1 : 0,
      ]);
    }
  }
  writeTable(directory, 'hits', CLICKS.tables['hits'] as never, rows);
}

/** A chain of shops with a web shop, in the spirit of TPC-DS: shoppers are protected, with their purchases and returns. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Manifest } from '#contract/manifest.ts';
import type { Table } from '#contract/manifest.ts';
import { choice, Random, Weighted } from '../../../datasets/city/random.ts';
import { tableOf, writeTable } from './tables.ts';
import type { Cell, ColumnLine } from './tables.ts';

const money = (max: string): ColumnLine => ({ type: 'decimal(9,2)', min: '0', max });
const shopper: ColumnLine = { type: 'bigint', role: 'unit', references: 'shoppers.shopper_id' };
const day: ColumnLine = { type: 'integer', references: 'days.day_id' };
const product: ColumnLine = { type: 'integer', references: 'products.product_id' };
const MOST = { store_sales: 300, web_sales: 150, store_returns: 100, web_returns: 60 };

/** Every table of facts belongs to shoppers and has a price per piece, a number of pieces and what was paid. */
const facts = (name: keyof typeof MOST, more: Readonly<Record<string, ColumnLine>>): Table => tableOf(name, {
  shopper_id: shopper, day_id: day, product_id: product, ticket: 'bigint', ...more,
}, { units: { shopper: 'shopper_id' }, maxRowsPerUnit: { shopper: MOST[name] } });

export const RETAIL = Manifest.parse({
  id: 'retail',
  tables: {
    days: tableOf('days', { day_id: 'integer', day: 'date', year: 'integer', month: 'integer', quarter: 'integer', weekday: 'integer', day_name: 'varchar' }),
    stores: tableOf('stores', { store_id: 'integer', store: 'varchar', state: 'varchar', employees: 'integer', opened: 'date' }),
    sites: tableOf('sites', { site_id: 'integer', site: 'varchar', company: 'varchar' }),
    products: tableOf('products', { product_id: 'integer', product: 'varchar', class: 'varchar', category: 'varchar', brand: 'varchar', manager: 'integer', list_price: money('500') }),
    promotions: tableOf('promotions', { promotion_id: 'integer', by_mail: 'boolean', on_radio: 'boolean', by_event: 'boolean' }),
    shoppers: tableOf('shoppers', {
      shopper_id: { type: 'bigint', role: 'unit' }, name: { type: 'varchar', role: 'quasi' }, state: { type: 'varchar', role: 'quasi' }, town: { type: 'varchar', role: 'quasi' },
      birth_year: { type: 'integer', role: 'quasi', min: '1930', max: '2010', nullable: true }, sex: { type: 'varchar', role: 'quasi', domain: ['F', 'M'] },
      schooling: { type: 'varchar', role: 'quasi', domain: ['college', 'primary', 'secondary', 'university'] }, marital: { type: 'varchar', role: 'quasi', domain: ['D', 'M', 'S', 'W'] },
      credit: { type: 'varchar', role: 'sensitive', domain: ['good', 'high risk', 'unknown'] }, dependants: { type: 'integer', role: 'quasi', min: '0', max: '9', nullable: true },
    }, { units: { shopper: 'shopper_id' }, maxRowsPerUnit: { shopper: 1 } }),
    store_sales: facts('store_sales', { store_id: { type: 'integer', references: 'stores.store_id', nullable: true }, promotion_id: { type: 'integer', references: 'promotions.promotion_id', nullable: true }, pieces: { type: 'integer', min: '1', max: '100', nullable: true }, list_price: money('500'), price: money('500'), coupon: money('500'), paid: money('50000'), profit: { type: 'decimal(9,2)', min: '-50000', max: '50000' } }),
    web_sales: facts('web_sales', { site_id: { type: 'integer', references: 'sites.site_id' }, shipped_day_id: day, pieces: { type: 'integer', min: '1', max: '100' }, list_price: money('500'), price: money('500'), shipping: money('500'), paid: money('50000'), profit: { type: 'decimal(9,2)', min: '-50000', max: '50000' } }),
    store_returns: facts('store_returns', { store_id: { type: 'integer', references: 'stores.store_id' }, pieces: { type: 'integer', min: '1', max: '100' }, refund: money('50000'), loss: money('50000') }),
    web_returns: facts('web_returns', { pieces: { type: 'integer', min: '1', max: '100' }, refund: money('50000'), reason: { type: 'varchar', domain: ['changed mind', 'damaged', 'late', 'wrong item'] } }),
  },
});

const STATES = ['AL', 'CO', 'GA', 'NY', 'OH', 'TX'];
const TOWNS = ['Ashford', 'Bramley', 'Coldwell', 'Dunmore', 'Eastlake'];
const CLASSES = { Books: ['atlas', 'novel', 'poetry'], Home: ['bedding', 'kitchen', 'lamps'], Music: ['classical', 'jazz', 'pop'], Sports: ['camping', 'football', 'tennis'] } as const;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const FIRST_DAY = Date.UTC(2021, 0, 1);
const DAYS = 3 * 365;
const DAY_MS = 86_400_000;

/** Writes manifest and tables. The same seed and size give the same bytes. */
export function generateRetail(directory: string, { shoppers }: { readonly shoppers: number } = { shoppers: 1500 }, seed = 1): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'dataset.json'), JSON.stringify(RETAIL, null, 1));
  const random = new Random(seed, 'retail');
  const write = (name: string, rows: readonly (readonly Cell[])[]): void => writeTable(directory, name, RETAIL.tables[name] as Table, rows);

  write('days', Array.from({ length: DAYS + 120 }, (_, i) => {
    const date = new Date(FIRST_DAY + i * DAY_MS);
    const month = date.getUTCMonth() + 1;
    return [i, date.toISOString().slice(0, 10), date.getUTCFullYear(), month, Math.ceil(month / 3), date.getUTCDay(), WEEKDAYS[date.getUTCDay()] as string];
  }));
  const stores = 12;
  write('stores', Array.from({ length: stores }, (_, i) => [i, `Store ${i}`, STATES[i % STATES.length] as string, 20 + random.below(280), `${1990 + random.below(30)}-03-01`]));
  write('sites', [[0, 'alpha', 'First'], [1, 'beta', 'First'], [2, 'gamma', 'Second']]);
  const prices: number[] = [];
  write('products', Object.entries(CLASSES).flatMap(([category, classes]) => classes.flatMap((kind) => Array.from({ length: 12 }, (_, i) => {
    prices.push(2 + random.below(180));
    return [prices.length - 1, `${kind} ${i}`, kind, category, `${category} brand ${1 + (i % 4)}`, random.below(40), (prices.at(-1) as number).toFixed(2)];
  }))));
  write('promotions', Array.from({ length: 20 }, (_, i) => [i, String(random.unit() < 0.5), String(random.unit() < 0.3), String(random.unit() < 0.5)]));

  const schooling = choice<string>([['primary', 10], ['secondary', 40], ['college', 30], ['university', 20]]);
  write('shoppers', Array.from({ length: shoppers }, (_, i) => [
    i + 1, `Shopper ${i}`, random.pick(STATES), random.pick(TOWNS), random.unit() < 0.05 ? null : 1935 + random.below(70), random.pick(['F', 'M']), schooling(random),
    random.pick(['D', 'M', 'M', 'S', 'W']), random.pick(['good', 'high risk', 'unknown']), random.unit() < 0.1 ? null : random.below(6),
  ]));

  const popular = new Weighted(prices.map((_, i) => 1 / (1 + (i * 37) % prices.length)));
  const tables: Record<keyof typeof MOST, Cell[][]> = { store_sales: [], web_sales: [], store_returns: [], web_returns: [] };
  let ticket = 0;
  for (let person = 1; person <= shoppers; person++) {
    const trips = Math.min(40, Math.ceil(3 / (0.06 + random.unit()) - 2));
    for (let trip = 0; trip < trips; trip++) {
      const online = random.unit() < 0.35;
      const bought = random.below(DAYS);
      const store = random.below(stores);
      ticket++;
      for (let line = 1 + random.below(online ? 3 : 6); line > 0; line--) buy(person, online, bought, store);
    }
  }
  for (const [name, rows] of Object.entries(tables)) write(name, rows);

  function buy(person: number, online: boolean, bought: number, store: number): void {
    const item = popular.draw(random);
    const pieces = 1 + random.below(20);
    const list = prices[item] as number;
    const price = list * (0.5 + random.unit() * 0.5);
    const paid = pieces * price;
    const profit = paid - pieces * list * 0.6;
    const amount = (x: number): string => Math.max(-50_000, Math.min(50_000, x)).toFixed(2);
    const head: Cell[] = [person, bought, item, ticket];
    if (online) {
      tables.web_sales.push([...head, random.below(3), bought + 1 + random.below(100), pieces, amount(list), amount(price), amount(5 + random.unit() * 20), amount(paid), amount(profit)]);
      if (random.unit() < 0.12) tables.web_returns.push([person, Math.min(DAYS + 119, bought + 2 + random.below(60)), item, ticket, pieces, amount(paid), random.pick(['changed mind', 'damaged', 'late', 'wrong item'])]);
    } else {
      tables.store_sales.push([...head, random.unit() < 0.02 ? null : store, random.unit() < 0.6 ? null : random.below(20), random.unit() < 0.02 ? null : pieces, amount(list), amount(price), random.unit() < 0.2 ? amount(random.unit() * 20) : '0.00', amount(paid), amount(profit)]);
      if (random.unit() < 0.08) tables.store_returns.push([person, Math.min(DAYS + 119, bought + 1 + random.below(90)), item, ticket, store, pieces, amount(paid), amount(paid * 0.1)]);
    }
  }
}

/** Orders of a trading house, in the spirit of TPC-H: customers are protected, with their orders and items; the rest is public. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Manifest } from '#contract/manifest.ts';
import { Random } from '../../../datasets/city/random.ts';
import { tableOf, writeTable } from './tables.ts';
import type { Cell } from './tables.ts';

const MONEY = 'decimal(12,2)';
const money = (min: string, max: string) => ({ type: MONEY, min, max });

export const TRADE = Manifest.parse({
  id: 'trade',
  tables: {
    regions: tableOf('regions', { region_id: 'integer', region: 'varchar' }),
    nations: tableOf('nations', { nation_id: 'integer', nation: 'varchar', region_id: { type: 'integer', references: 'regions.region_id' } }),
    suppliers: tableOf('suppliers', {
      supplier_id: 'integer', supplier: 'varchar', nation_id: { type: 'integer', references: 'nations.nation_id' }, phone: 'varchar',
      balance: money('-1000', '10000'), note: 'varchar',
    }),
    parts: tableOf('parts', {
      part_id: 'integer', part: 'varchar', maker: 'varchar', brand: 'varchar', kind: 'varchar', size: { type: 'integer', min: '1', max: '50' },
      container: 'varchar', list_price: money('0', '2000'),
    }),
    offers: tableOf('offers', {
      part_id: { type: 'integer', references: 'parts.part_id' }, supplier_id: { type: 'integer', references: 'suppliers.supplier_id' },
      available: { type: 'integer', min: '0', max: '10000' }, cost: money('0', '2000'),
    }),
    customers: tableOf('customers', {
      customer_id: { type: 'bigint', role: 'unit' }, customer: { type: 'varchar', role: 'quasi' }, nation_id: { type: 'integer', role: 'quasi', references: 'nations.nation_id' },
      segment: { type: 'varchar', role: 'quasi', domain: ['autos', 'building', 'furniture', 'household', 'machinery'] }, phone: { type: 'varchar', role: 'quasi' },
      balance: { ...money('-1000', '10000'), role: 'sensitive' }, note: { type: 'varchar', role: 'quasi', nullable: true },
    }, { units: { customer: 'customer_id' }, maxRowsPerUnit: { customer: 1 } }),
    orders: tableOf('orders', {
      order_id: 'bigint', customer_id: { type: 'bigint', role: 'unit', references: 'customers.customer_id' }, status: { type: 'varchar', domain: ['filled', 'open', 'partial'] },
      total: { ...money('0', '1000000'), role: 'sensitive' }, placed_on: { type: 'date', min: '2019-01-01', max: '2023-12-31' },
      priority: { type: 'varchar', domain: ['1-urgent', '2-high', '3-medium', '4-low', '5-none'] }, clerk: 'varchar', note: 'varchar',
    }, { units: { customer: 'customer_id' }, maxRowsPerUnit: { customer: 60 } }),
    items: tableOf('items', {
      order_id: { type: 'bigint', references: 'orders.order_id' }, line: { type: 'integer', min: '1', max: '7' },
      part_id: { type: 'integer', references: 'parts.part_id' }, supplier_id: { type: 'integer', references: 'suppliers.supplier_id' },
      quantity: { type: 'decimal(4,0)', min: '1', max: '50' }, price: money('0', '100000'),
      discount: { type: 'decimal(4,2)', min: '0', max: '0.10' }, tax: { type: 'decimal(4,2)', min: '0', max: '0.08' },
      returned: { type: 'varchar', domain: ['accepted', 'none', 'returned'] }, state: { type: 'varchar', domain: ['done', 'open'] },
      shipped_on: { type: 'date', min: '2019-01-01', max: '2024-12-31' }, promised_on: { type: 'date', min: '2019-01-01', max: '2024-12-31' }, received_on: { type: 'date', min: '2019-01-01', max: '2024-12-31' },
      instruction: 'varchar', carrier: { type: 'varchar', domain: ['air', 'mail', 'rail', 'road', 'ship'] },
    }, { units: { customer: 'order_id' }, maxRowsPerUnit: { customer: 420 } }),
  },
});

const REGIONS = ['Africa', 'America', 'Asia', 'Europe'];
const NATIONS = ['Kenya', 'Egypt', 'Ghana', 'Brazil', 'Canada', 'Peru', 'China', 'India', 'Japan', 'France', 'Poland', 'Spain'];
const COLOURS = ['amber', 'azure', 'coral', 'ivory', 'khaki', 'linen', 'olive', 'plum'];
const MATERIALS = ['brass', 'copper', 'nickel', 'steel', 'tin'];
const FINISHES = ['anodised', 'brushed', 'plated', 'polished'];
const GRADES = ['economy', 'large', 'medium', 'promo', 'small', 'standard'];
const CONTAINERS = ['box large', 'box small', 'can small', 'drum jumbo', 'pack medium', 'wrap case'];
const PRIORITIES = ['1-urgent', '2-high', '3-medium', '4-low', '5-none'];
const CARRIERS = ['air', 'mail', 'rail', 'road', 'ship'];
const INSTRUCTIONS = ['collect', 'in person', 'leave', 'take back'];
const SEGMENTS = ['autos', 'building', 'furniture', 'household', 'machinery'];
const FIRST_DAY = Date.UTC(2019, 0, 1);
const ORDER_DAYS = 5 * 365;
const DAY_MS = 86_400_000;

export interface TradeSize {
  readonly customers: number;
}

/** Writes manifest and tables. The same seed and size give the same bytes. */
export function generateTrade(directory: string, { customers }: TradeSize = { customers: 1500 }, seed = 1): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'dataset.json'), JSON.stringify(TRADE, null, 1));
  const random = new Random(seed, 'trade');
  const suppliers = Math.max(10, Math.round(customers / 15));
  const parts = Math.max(40, Math.round(customers * 0.6));
  const write = (name: keyof typeof TRADE.tables, rows: readonly (readonly Cell[])[]): void => writeTable(directory, name, TRADE.tables[name] as never, rows);
  const cents = (low: number, high: number): string => (low + random.unit() * (high - low)).toFixed(2);
  const date = (day: number): string => new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10);
  const phone = (nation: number): string => `${10 + nation}-${100 + random.below(900)}-${1000 + random.below(9000)}`;
  const note = (phrase: string): string => `${random.pick(COLOURS)} ${random.unit() < 0.1 ? `special ${phrase}` : 'goods'} ${random.pick(FINISHES)}`;

  write('regions', REGIONS.map((region, i) => [i, region]));
  write('nations', NATIONS.map((nation, i) => [i, nation, Math.floor(i / 3)]));
  write('suppliers', Array.from({ length: suppliers }, (_, i) => {
    const nation = random.below(NATIONS.length);
    return [i, `Supplier ${i}`, nation, phone(nation), cents(-999, 9999), random.unit() < 0.05 ? 'customer complaints' : note('offers')];
  }));
  const listPrices = Array.from({ length: parts }, () => 10 + random.below(1900));
  write('parts', listPrices.map((price, i) => [
    i, `${random.pick(COLOURS)} ${random.pick(COLOURS)}`, `Maker ${1 + random.below(5)}`, `Brand ${1 + random.below(5)}${1 + random.below(5)}`,
    `${random.pick(GRADES)} ${random.pick(FINISHES)} ${random.pick(MATERIALS)}`, 1 + random.below(50), random.pick(CONTAINERS), price.toFixed(2),
  ]));
  const offered = (part: number, nth: number): number => (part * 7 + nth * Math.floor(suppliers / 4 + 1)) % suppliers;
  write('offers', listPrices.flatMap((price, part) => [0, 1, 2, 3].map((nth) => [part, offered(part, nth), random.below(10_000), (price * (0.3 + random.unit() * 0.4)).toFixed(2)])));

  write('customers', Array.from({ length: customers }, (_, i) => {
    const nation = random.below(NATIONS.length);
    return [i, `Customer ${i}`, nation, random.pick(SEGMENTS), phone(nation), cents(-999, 9999), random.unit() < 0.1 ? null : note('wishes')];
  }));
  const orders: Cell[][] = [];
  const items: Cell[][] = [];
  for (let customer = 0; customer < customers; customer++) {
    // A third of the customers never order; the others follow a power law up to the declared 60.
    const count = customer % 3 === 0 ? 0 : Math.min(60, Math.ceil(5 / (0.08 + random.unit()) - 2));
    for (let n = 0; n < count; n++) addOrder(customer);
  }
  write('orders', orders);
  write('items', items);

  function addOrder(customer: number): void {
    const order = orders.length * 4 + 1;
    const placed = random.below(ORDER_DAYS);
    const lines = 1 + random.below(7);
    let total = 0;
    let open = 0;
    for (let line = 1; line <= lines; line++) {
      const part = random.below(parts);
      const quantity = 1 + random.below(50);
      const price = quantity * (listPrices[part] as number);
      const shipped = placed + 1 + random.below(120);
      const promised = placed + 30 + random.below(60);
      const received = shipped + 1 + random.below(30);
      const done = shipped < ORDER_DAYS - 180;
      if (!done) open++;
      total += price;
      items.push([
        order, line, part, offered(part, random.below(4)), quantity, price.toFixed(2), (random.below(11) / 100).toFixed(2), (random.below(9) / 100).toFixed(2),
        done ? random.pick(['accepted', 'returned']) : 'none', done ? 'done' : 'open', date(shipped), date(promised), date(received), random.pick(INSTRUCTIONS), random.pick(CARRIERS),
      ]);
    }
    const status = open === 0 ? 'filled' : open === lines ? 'open' : 'partial';
    orders.push([order, customer, status, Math.min(total, 1_000_000).toFixed(2), date(placed), random.pick(PRIORITIES), `Clerk ${random.below(20)}`, note('requests')]);
  }
}

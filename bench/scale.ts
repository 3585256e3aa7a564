/** How large a run is. */
export interface Scale {
  readonly name: 'smoke' | 'default' | 'full';
  /** Of the tables that questions are asked of. */
  readonly rows: number;
  /** Times that each question is asked, raw and through the gate in turn. */
  readonly rounds: number;
  /** Jobs one after the other, for latency; and jobs of each of eight clients, for throughput. */
  readonly jobs: number;
  /** Transactions of the store. */
  readonly transactions: number;
  /** Times that each query is compiled. */
  readonly compiles: number;
}

export const SCALES = {
  /** Only that everything runs. */
  smoke: { name: 'smoke', rows: 2_000, rounds: 1, jobs: 2, transactions: 20, compiles: 1 },
  /** About two minutes. */
  default: { name: 'default', rows: 1_000_000, rounds: 7, jobs: 200, transactions: 2_000, compiles: 20 },
  full: { name: 'full', rows: 10_000_000, rounds: 7, jobs: 400, transactions: 10_000, compiles: 50 },
} as const satisfies Record<Scale['name'], Scale>;

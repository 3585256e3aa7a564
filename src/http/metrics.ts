/**
 * Counters, gauges and histograms in the Prometheus text format 0.0.4.
 * INVARIANT (no data in metrics): label values come from closed sets that are declared with the metric; anything else throws.
 */
export type LabelSets = Readonly<Record<string, readonly string[]>>;
type Labels<L extends LabelSets> = { readonly [K in keyof L]: L[K][number] };

interface Metric { expose(): string }

export class Metrics {
  readonly #metrics = new Map<string, Metric>();

  counter<const L extends LabelSets>(name: string, help: string, labels: L): (labels: Labels<L>, by?: number) => void {
    const series = new Series(labels);
    this.#register(name, 'counter', help, () => series.lines(name));
    return (of, by = 1) => series.set(of, (series.get(of) ?? 0) + by);
  }

  /** Read when asked for. */
  gauge(name: string, help: string, read: () => number): void {
    this.#register(name, 'gauge', help, () => `${name} ${read()}`);
  }

  /** `buckets`: ascending upper bounds in the metric's unit. */
  histogram<const L extends LabelSets>(name: string, help: string, labels: L, buckets: readonly number[]): (labels: Labels<L>, value: number) => void {
    const counts = buckets.map(() => new Series(labels));
    const total = new Series(labels);
    const sum = new Series(labels);
    this.#register(name, 'histogram', help, () => [
      ...counts.map((series, i) => series.lines(`${name}_bucket`, `le="${buckets[i]}"`)),
      total.lines(`${name}_bucket`, 'le="+Inf"'), sum.lines(`${name}_sum`), total.lines(`${name}_count`),
    ].filter((lines) => lines !== '').join('\n'));
    return (of, value) => {
      buckets.forEach((bound, i) => counts[i]!.set(of, (counts[i]!.get(of) ?? 0) + (value <= bound ? 1 : 0)));
      total.set(of, (total.get(of) ?? 0) + 1);
      sum.set(of, (sum.get(of) ?? 0) + value);
    };
  }

  expose(): string {
    return `${[...this.#metrics.values()].map((metric) => metric.expose()).join('\n')}\n`;
  }

  #register(name: string, type: string, help: string, lines: () => string): void {
    if (this.#metrics.has(name)) throw new Error(`metric ${name} exists`);
    this.#metrics.set(name, { expose: () => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, lines()].filter((part) => part !== '').join('\n') });
  }
}

/** Values of one metric by their labels. */
class Series<L extends LabelSets> {
  readonly #allowed: L;
  readonly #values = new Map<string, number>();

  constructor(allowed: L) {
    this.#allowed = allowed;
  }

  get(labels: Labels<L>): number | undefined {
    return this.#values.get(this.#key(labels));
  }

  set(labels: Labels<L>, value: number): void {
    this.#values.set(this.#key(labels), value);
  }

  lines(name: string, extra?: string): string {
    return [...this.#values].map(([key, value]) => {
      const labels = [key, extra].filter(Boolean).join(',');
      return `${name}${labels && `{${labels}}`} ${value}`;
    }).join('\n');
  }

  #key(labels: Labels<L>): string {
    return Object.entries(this.#allowed).map(([name, values]) => {
      const value = labels[name];
      if (value === undefined || !values.includes(value)) throw new Error(`label ${name} has a value outside its set`);
      return `${name}="${value}"`;
    }).join(',');
  }
}

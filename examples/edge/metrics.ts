/**
 * Counters, as Prometheus reads them.
 *
 * @module
 */

/** Sums by name and labels: `fanin_edge_requests_total{route="/init",status="200"} 3`. */
export class Metrics {
  readonly #sums = new Map<string, Map<string, number>>();

  /**
   * Adds to a counter.
   *
   * @param name Its name, without the prefix `fanin_edge_`.
   * @param labels Few and bounded: nothing that a client chooses.
   * @param amount How much, from 0 on.
   */
  add(name: string, labels: Readonly<Record<string, string | number>>, amount = 1): void {
    const texts = Object.entries(labels).map(([label, value]) => `${label}="${value}"`).join(",");
    const sums = this.#sums.get(name) ?? new Map<string, number>();
    this.#sums.set(name, sums.set(texts, (sums.get(texts) ?? 0) + amount));
  }

  /**
   * All counters as text.
   *
   * @param gauges What is so just now, by name.
   */
  text(gauges: Readonly<Record<string, number>>): string {
    const counters = [...this.#sums].flatMap(([name, sums]) => [
      `# TYPE fanin_edge_${name} counter`,
      ...[...sums].map(([labels, sum]) => `fanin_edge_${name}{${labels}} ${sum}`),
    ]);
    const now = Object.entries(gauges).flatMap(([name, value]) => [
      `# TYPE fanin_edge_${name} gauge`,
      `fanin_edge_${name} ${value}`,
    ]);
    return `${[...counters, ...now].join("\n")}\n`;
  }
}

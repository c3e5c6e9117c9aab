/**
 * Asks for a server's health again and again, from a process of its own, until its standard input ends; then prints the milliseconds
 * that each answer took, and the most by which this process, which does nothing else, was itself late for a question: what the machine
 * holds up, it holds up here too.
 *
 *     deno run --allow-net tests/examples/health_probe.ts http://127.0.0.1:8000
 *
 * @module
 */

/** What the probe prints. */
export interface Probed {
  /** Milliseconds that each answer took. */
  milliseconds: number[];
  /** Milliseconds by which the latest question came too late. */
  late: number;
}

/** Milliseconds between an answer and the next question. */
const PAUSE = 10;

if (import.meta.main) {
  const [server] = Deno.args, probed: Probed = { milliseconds: [], late: 0 };
  let over = false;
  Deno.stdin.read(new Uint8Array(1)).then(() => over = true);
  while (!over) {
    const began = performance.now(), response = await fetch(`${server}/healthz`);
    const { status } = await response.json(), answered = performance.now();
    probed.milliseconds.push(answered - began);
    if (response.status !== 200 || status !== "ok") throw new Error(`health is ${response.status} ${status}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    probed.late = Math.max(probed.late, performance.now() - answered - PAUSE);
  }
  console.log(JSON.stringify(probed));
}

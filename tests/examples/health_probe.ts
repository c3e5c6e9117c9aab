/**
 * Asks for a server's health again and again, from a process of its own, until its standard input ends; then prints the milliseconds
 * that each answer took.
 *
 *     deno run --allow-net tests/examples/health_probe.ts http://127.0.0.1:8000
 *
 * @module
 */
const [server] = Deno.args, milliseconds: number[] = [];
let over = false;
Deno.stdin.read(new Uint8Array(1)).then(() => over = true);
while (!over) {
  const began = performance.now(), response = await fetch(`${server}/healthz`);
  const { status } = await response.json();
  milliseconds.push(performance.now() - began);
  if (response.status !== 200 || status !== "ok") throw new Error(`health is ${response.status} ${status}`);
  await new Promise((resolve) => setTimeout(resolve, 10));
}
console.log(JSON.stringify(milliseconds));

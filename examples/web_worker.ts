/**
 * Trains in a dedicated worker, as a page or a server should, so that waiting for the GPU stops nothing else: the main thread keeps
 * ticking. Nothing here or in the worker is Deno's own but the last line.
 *
 *     deno run -A examples/web_worker.ts
 */
let ticks = 0;
const clock = setInterval(() => ticks++, 10), begin = performance.now();

const worker = new Worker(new URL("workers/train.ts", import.meta.url), { type: "module" });
await new Promise<void>((resolve, reject) => {
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.onmessage = ({ data: { epoch, loss, distinct } }) => {
    if (distinct === undefined) {
      return console.log(`epoch ${epoch}: loss ${loss.toFixed(3)}, main thread at tick ${ticks}`);
    }
    console.log(`trained: ${distinct} of 64 neurons distinct`);
    resolve();
  };
  worker.postMessage({ epochs: 8, seed: 0 });
});

clearInterval(clock);
console.log(`the main thread ticked ${ticks} times in ${Math.round(performance.now() - begin)} ms`);

// The worker sleeps and goes with the process. Terminating it first would have two threads in the driver's last functions at once: under
// load, one such end in ten was a crash. A page, which lives on, calls `worker.terminate()`.
Deno.exit(0);

/**
 * Initial weights, verdicts and small trainings over HTTP, from one GPU:
 *
 *     deno serve --allow-read=. --unstable-no-legacy-abort --port 8000 examples/edge_worker.ts
 *
 *     deno task --quiet fanin init --layers 784,128,10 --manifest > recipe.json
 *     curl --data-binary @recipe.json localhost:8000/init > weights.safetensors
 *     curl --data-binary @weights.safetensors localhost:8000/diagnose
 *     curl --no-buffer --data '{"features":[[0,0],[0,1],[1,0],[1,1]],"labels":[0,1,1,0],"epochs":9}' localhost:8000/train
 *     curl localhost:8000/healthz localhost:8000/metrics
 *
 * The GPU is in a web worker, whose files are what it needs permission to read. Jobs run one after the other; `edge/options.ts` has
 * every limit with its default, and `new Edge({ queue: 8 })` another. Elsewhere the default export is a plain `fetch` handler. TLS, the
 * number of connections and the time for a request's head are a proxy's to limit.
 *
 * SIGTERM drains: nothing new is accepted (`deno serve` closes its port, and the handler answers 503), the jobs accepted before are
 * finished, and the process ends with status 0.
 */
import { Edge } from "./edge/edge.ts";

const edge = new Edge();

if (import.meta.main) {
  Deno.addSignalListener("SIGTERM", async () => {
    await edge.drain();
    Deno.exit(0); // and with it the worker, which sleeps: it is not taken down first
  });
}

export default { fetch: edge.fetch };

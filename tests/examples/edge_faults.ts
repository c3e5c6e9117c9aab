/**
 * The edge server's worker with planted faults: what a job's body says, happens.
 *
 * @module
 */
import { type Port, serveJobs } from "../../examples/edge/serve_jobs.ts";
import { Gpu } from "../../src/gpu/mod.ts";
import { layersManifest, manifestText } from "../../src/init/mod.ts";

const port = globalThis as unknown as Port;
let device: GPUDevice | undefined;

/**
 * Longer than any job may take, and not for ever: Deno's `terminate()` gives a loop up without ending it, and one that never ends would take
 * a core from all that follows in the process.
 */
function spin(): void {
  const end = performance.now() + 3000;
  while (performance.now() < end);
}

serveJobs(port, async () => {
  const gpu = await Gpu.open();
  device = gpu.device;
  return gpu;
});

const serve = port.onmessage!;
port.onmessage = (event) => {
  const fault = event.data.type === "job" ? new TextDecoder().decode(event.data.body) : "";
  if (fault === "spin") spin();
  if (fault === "die") throw new Error("planted");
  if (fault !== "lose") return serve.call(globalThis as never, event);
  device?.destroy();
  const body = new TextEncoder().encode(manifestText(layersManifest([3, 2], "normal")));
  serve.call(globalThis as never, new MessageEvent("message", { data: { ...event.data, body } }));
};

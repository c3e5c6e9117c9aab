/**
 * `POST /diagnose`: a safetensors file in, the verdict out, as `fanin diagnose FILE --data normal --json` gives it.
 *
 * @module
 */
import { diagnose, type Gpu, Mlp, networkOfFile, normalBatch, parseSafetensors, sgd } from "@fanin/fanin";
import { assertAffordable } from "./network_limits.ts";
import type { Job } from "./serve_jobs.ts";

/** The optimiser whose first step is judged: the command's, where none is named. */
const OPTIMIZER = sgd({ lr: 0.05, momentum: 0.9 });

/** Judges the network in a file. */
export const diagnoseJob: Job = (gpu, body, limits) => {
  const file = networkOfFile(parseSafetensors(body));
  assertAffordable(file.widths, limits);
  return { chunks: verdict(gpu, file) };
};

async function* verdict(
  gpu: Gpu,
  file: ReturnType<typeof networkOfFile>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { widths, names, initializer, notUnderstood } = file;
  const batch = normalBatch(widths[0], widths[widths.length - 1]), rows = batch.labels.length;
  using network = new Mlp(gpu, widths);
  file.write(network);
  const diagnosis = await diagnose(gpu, network, batch, { names, initializer, optimizer: OPTIMIZER });
  const setting = {
    adapter: gpu.adapter.name,
    source: `layers ${widths.join("-")}`,
    activation: network.activation,
    inputs: `${rows} rows of standard normal numbers with labels in turn`,
    optimizer: `${OPTIMIZER}`,
    notUnderstood,
  };
  yield new TextEncoder().encode(`${JSON.stringify({ ...setting, ...diagnosis })}\n`);
}

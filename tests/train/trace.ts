/**
 * PyTorch's traces of training as fanin's data and optimisers.
 *
 * @module
 */
import type { Dataset } from "../../src/data/mod.ts";
import { adam, type Optimizer, sgd } from "../../src/train/mod.ts";
import type { MlpRun, MlpTrace } from "../golden/load.ts";

/** The golden names of the parameters, in the order of the network's. */
export const PARAMETERS = ["W1", "b1", "W2", "b2"] as const;

/** What golden/README.md says a float32 implementation may be off. */
export const TRACE_BOUND = 2e-6;

/** The optimiser of a run. */
export function optimizerOf(
  { optimizer, lr, momentum, weight_decay: weightDecay, nesterov }: MlpRun,
): Optimizer {
  if (optimizer === "adam") return adam({ lr, weightDecay });
  return sgd({ lr, momentum: momentum!, weightDecay, nesterov });
}

/** The runs in float32. */
export function traceRuns({ runs }: MlpTrace): MlpRun[] {
  return runs.filter(({ dtype }) => dtype === "torch.float32");
}

/** The rows that all runs train on. */
export function traceData({ X, Y }: MlpTrace): Dataset {
  const features = Float32Array.from(X), labels = Uint32Array.from(Y);
  return { name: "trace", features, labels, rows: labels.length, columns: 4, classes: 3 };
}

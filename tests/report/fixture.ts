/**
 * A comparison as it might come out of a real run, made up by a small deterministic generator.
 *
 * @module
 */

import type {
  ComparedEpoch,
  ComparedRun,
  Comparison,
  LayerScale,
  Verdict,
} from "../../src/diagnose/comparison.ts";

const EPOCHS = 5;
const STEPS_PER_EPOCH = 125;
const STEPS = EPOCHS * STEPS_PER_EPOCH;
const WIDTHS = [128, 64, 10];

/** What tells the runs of the fixture from each other. */
interface Story {
  init: string;
  verdict: Verdict;
  sentence: string;
  /** Loss at a step, without noise; null where it is not finite. */
  loss: (step: number) => number | null;
  /** Relative noise of a mini-batch's loss. */
  noise: number;
  accuracy: number[];
  distinct: number[][];
  before: [number | null, number | null, number | null][];
  after: [number | null, number | null, number | null][];
  seconds: number;
}

const CLONES = [0, 1, 2, 3, 4, 5].map(() => [1, 1]);
const ALL = [0, 1, 2, 3, 4, 5].map(() => [128, 64]);

const STORIES: Story[] = [
  {
    init: "zeros",
    verdict: "fail",
    sentence: "All 128 neurons of the first hidden layer are clones: only the output's bias can learn.",
    loss: () => 2.3015,
    noise: 0.002,
    accuracy: [0.098, 0.1135, 0.1135, 0.1135, 0.1135, 0.1135],
    distinct: CLONES,
    before: [[0, 0, 1], [0, 0, 1], [0, 0.0375, null]],
    after: [[0, 0, 1], [0, 0, 1], [0.0521, 0.0372, null]],
    seconds: 3.14,
  },
  {
    init: "ones",
    verdict: "fail",
    sentence:
      "Each hidden layer is 1 neuron repeated: the signal explodes, and training cannot part its neurons.",
    loss: (step) => step < 4 ? 900 * Math.exp(-step) : 2.302,
    noise: 0.003,
    accuracy: [0.098, 0.1135, 0.1135, 0.1028, 0.1135, 0.1135],
    distinct: CLONES,
    before: [[104.2, 3.1e-9, 0], [13300, 2.9e-9, 0], [8.52e5, 0.0375, null]],
    after: [[61.3, 0, 1], [0.0413, 0, 1], [0.0587, 0.0373, null]],
    seconds: 3.09,
  },
  {
    init: "normal:1",
    verdict: "fail",
    sentence:
      "The signal grows 40 times from the first layer to the last: the loss is not finite from step 38 on.",
    loss: (step) => step < 37 ? 520 * Math.exp(step / 6) : null,
    noise: 0.4,
    accuracy: [0.104, 0.098, 0.098, 0.098, 0.098, 0.098],
    distinct: ALL,
    before: [[9.41, 0.722, 0.008], [72.3, 0.0911, 0.016], [391, 0.041, null]],
    after: [[null, null, 1], [null, null, 1], [null, null, null]],
    seconds: 3.22,
  },
  {
    init: "torch_linear",
    verdict: "ok",
    sentence: "All neurons stay distinct and the signal reaches the last layer: it learns, slowly at first.",
    loss: (step) => 0.16 + 2.15 / (1 + Math.exp((step - 70) / 22)) + 0.25 * Math.exp(-step / 200),
    noise: 0.22,
    accuracy: [0.094, 0.873, 0.914, 0.931, 0.944, 0.951],
    distinct: ALL,
    before: [[0.192, 4.1e-4, 0.016], [0.0713, 0.00214, 0.031], [0.0812, 0.0375, null]],
    after: [[0.911, 9.1e-4, 0.023], [1.83, 0.0029, 0.047], [6.02, 0.0121, null]],
    seconds: 3.17,
  },
  {
    init: "kaiming_normal",
    verdict: "ok",
    sentence:
      "All neurons stay distinct and signal and gradient keep their scale: it learns from the first step.",
    loss: (step) => 0.065 + 2.2 * Math.exp(-step / 26) + 0.3 * Math.exp(-step / 160),
    noise: 0.3,
    accuracy: [0.121, 0.929, 0.951, 0.961, 0.966, 0.9705],
    distinct: ALL,
    before: [[0.472, 0.00311, 0], [0.66, 0.00719, 0], [0.951, 0.0389, null]],
    after: [[1.04, 7.2e-4, 0.008], [2.31, 0.0017, 0.016], [8.3, 0.0068, null]],
    seconds: 3.11,
  },
];

/** The fixture, made anew for each test so that a test may change it. */
export function fixture(): Comparison {
  return {
    adapter: "llvmpipe (LLVM 15.0.6, 256 bits), Vulkan, CPU",
    data: "digits",
    trainRows: 8000,
    testRows: 2000,
    layers: [784, ...WIDTHS],
    parameters: 109386,
    seed: "42",
    generator: "philox",
    optimizer: "sgd lr 0.05 momentum 0.9",
    activation: "relu",
    batch: 64,
    epochs: EPOCHS,
    stepsPerEpoch: STEPS_PER_EPOCH,
    runs: STORIES.map(run),
  };
}

function run(story: Story): ComparedRun {
  const random = generator(story.init.length);
  const stepLosses = Array.from({ length: STEPS }, (_, step) => {
    const loss = story.loss(step);
    return loss === null ? null : loss * (1 + story.noise * (random() + random() - 1));
  });
  const epochs = story.accuracy.map((accuracy, epoch): ComparedEpoch => {
    const loss = story.loss(epoch * STEPS_PER_EPOCH);
    return {
      epoch,
      loss,
      accuracy: Math.min(1, accuracy * 1.01),
      testLoss: loss === null ? null : loss * 1.05,
      testAccuracy: accuracy,
      distinctNeurons: story.distinct[epoch],
    };
  });
  const last = epochs[epochs.length - 1];
  return {
    init: story.init,
    verdict: story.verdict,
    sentence: story.sentence,
    finalLoss: last.loss,
    finalAccuracy: last.testAccuracy,
    distinctNeurons: last.distinctNeurons,
    epochs,
    stepLosses,
    scalesBefore: story.before.map(scale),
    scalesAfter: story.after.map(scale),
    seconds: story.seconds,
  };
}

function scale(
  [activation, gradient, dead]: [number | null, number | null, number | null],
  i: number,
): LayerScale {
  return { name: String(2 * i), width: WIDTHS[i], activation, gradient, dead };
}

/** Numbers from 0 to 1, the same ones every time: noise for the eye, nothing more. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

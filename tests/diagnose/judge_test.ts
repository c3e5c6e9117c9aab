import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { LayerScale, Verdict } from "../../src/diagnose/comparison.ts";
import { judge, type UnjudgedRun } from "../../src/diagnose/judge.ts";

const WIDTHS = [8, 6], CLASSES = 10;

/** A layer's scale: activation, gradient, dead fraction. */
type Scale = [activation: number | null, gradient: number | null, dead: number | null];

function scales(...layers: Scale[]): LayerScale[] {
  return layers.map(([activation, gradient, dead], i) => ({
    name: `${2 * i}`,
    width: [...WIDTHS, CLASSES][i],
    activation,
    gradient,
    dead,
  }));
}

const LEVEL = scales([1, 0.1, 0.1], [0.9, 0.2, 0.2], [0.8, 0.3, null]);

/** A run without fault, but for what is given. */
function runWith(changes: Partial<UnjudgedRun> & { firstLoss?: number | null } = {}): UnjudgedRun {
  const { firstLoss = 2.4, ...rest } = changes;
  const finalLoss = rest.finalLoss === undefined ? 0.2 : rest.finalLoss;
  const distinctNeurons = rest.distinctNeurons ?? WIDTHS;
  const epoch = { accuracy: 0.5, testLoss: 1, testAccuracy: 0.5, distinctNeurons };
  return {
    init: "made up",
    finalLoss,
    finalAccuracy: 0.94,
    distinctNeurons,
    epochs: [{ ...epoch, epoch: 0, loss: firstLoss }, { ...epoch, epoch: 1, loss: finalLoss }],
    stepLosses: [],
    scalesBefore: LEVEL,
    scalesAfter: LEVEL,
    seconds: 1,
    ...rest,
  };
}

const CASES: [name: string, run: UnjudgedRun, verdict: Verdict, ...fragments: string[]][] = [
  [
    "healthy",
    runWith(),
    "ok",
    "Neurons stay distinct and scales level; it learns, to loss 0.2 and test accuracy 94%.",
  ],
  [
    "zeros",
    runWith({
      distinctNeurons: [1, 1],
      finalLoss: 2.3,
      scalesBefore: scales([0, 0, 1], [0, 0, 1], [0, 0.3, null]),
    }),
    "fail",
    "Each hidden layer is one neuron copied (1 of 8, 1 of 6 distinct)",
    "no better than guessing (2.3).",
  ],
  [
    "clones that learn a little",
    runWith({ distinctNeurons: [1, 1], finalLoss: 1.5 }),
    "fail",
    "one neuron copied",
    "to loss 1.5",
  ],
  [
    "one layer collapsed",
    runWith({ distinctNeurons: [8, 1] }),
    "fail",
    "A hidden layer is one neuron copied (1 of 6 distinct)",
  ],
  [
    "some clones",
    runWith({ distinctNeurons: [5, 6] }),
    "warn",
    "Clones leave 5 of 8 neurons distinct; it learns",
  ],
  [
    "exploding",
    runWith({
      firstLoss: 773,
      finalLoss: 2.3,
      scalesBefore: scales([9.4, 1, 0], [73, 1, 0], [460, 1, null]),
    }),
    "fail",
    "The signal explodes (activations 9.4 → 73 → 460)",
    "loss 773 where guessing has 2.3",
  ],
  [
    "exploding, and it learns all the same",
    runWith({ firstLoss: 100, scalesBefore: scales([9, 1, 0], [30, 1, 0], [100, 1, null]) }),
    "warn",
    "The signal explodes",
    "it learns, to loss 0.2",
  ],
  [
    "overflowing",
    runWith({
      firstLoss: null,
      finalLoss: null,
      scalesBefore: scales([1e30, null, 0], [null, null, 0], [null, null, null]),
    }),
    "fail",
    "Activations overflow before the first step; the loss is no longer a finite number (test accuracy 94%).",
  ],
  ["diverging in training", runWith({ finalLoss: null }), "fail", "no longer a finite number"],
  [
    "vanishing",
    runWith({ finalLoss: 2.3, scalesBefore: scales([1, 1e-9, 0], [0.05, 1e-5, 0], [0.004, 0.3, null]) }),
    "fail",
    "The signal vanishes by the last layer, to 0.4% of the first",
  ],
  [
    "no gradient",
    runWith({ finalLoss: 2.3, scalesBefore: scales([1, 0, 1], [1, 0, 1], [1, 0.3, null]) }),
    "fail",
    "No gradient reaches the first layer",
  ],
  [
    "dead",
    runWith({ scalesAfter: scales([1, 0.1, 0.75], [1, 0.1, 0.5], [1, 0.1, null]) }),
    "warn",
    "75% of layer 0's ReLUs are dead at the end",
  ],
  [
    "stuck for no visible reason",
    runWith({ finalLoss: 2.29 }),
    "fail",
    "The loss ends at 2.29, no better than guessing (2.3).",
  ],
];

for (const [name, run, verdict, ...fragments] of CASES) {
  Deno.test(`judge: ${name}: ${verdict}`, () => {
    const judged = judge(run, WIDTHS, CLASSES);
    for (const fragment of fragments) assertStringIncludes(judged.sentence, fragment);
    assertEquals(judged.verdict, verdict);
    assertMatch(judged.sentence, /^[A-Z0-9][^\n]*[^.]\.$/, "one sentence on one line");
    assert(!/NaN|undefined|null|Infinity/.test(judged.sentence), judged.sentence);
  });
}

Deno.test("judge: a layer of one neuron is no collapse, and no hidden layer is none", () => {
  assertEquals(judge(runWith({ distinctNeurons: [8, 1] }), [8, 1], CLASSES).verdict, "ok");
  assertEquals(judge(runWith({ distinctNeurons: [] }), [], CLASSES).verdict, "ok");
});

Deno.test("judge: with a sound layer beside them, two collapsed ones are not called all", () => {
  const { sentence, verdict } = judge(runWith({ distinctNeurons: [1, 8, 1] }), [8, 8, 8], CLASSES);
  assertStringIncludes(sentence, "Each of 2 hidden layers is one neuron copied");
  assertEquals(verdict, "fail");
});

Deno.test("judge: chance is that of the classes", () => {
  const run = runWith({ finalLoss: 0.68, firstLoss: 0.7 });
  assertEquals(judge(run, WIDTHS, 2).verdict, "fail");
  assertEquals(judge(run, WIDTHS, 3).verdict, "ok");
});

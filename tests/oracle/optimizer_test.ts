import { assertEquals, assertThrows } from "@std/assert";
import { adam, adamw } from "./adam.ts";
import { assertClose } from "./compare.ts";
import type { Optimizer, OptimizerState } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

/** The weight 1 after each step along these gradients. */
function path<State extends OptimizerState>(optimizer: Optimizer<State>, gradients: number[]): number[] {
  let state = optimizer.start([1]);
  return gradients.map((gradient) => {
    state = optimizer.step(state, [gradient]);
    return state.weight[0];
  });
}

// Worked out by hand, on powers of two, so that every number is exact.
Deno.test("SGD, plain, with momentum, with weight decay and with nesterov", () => {
  assertEquals(path(sgd({ lr: 0.5 }), [1, -2]), [0.5, 1.5]);
  // v: 1, then 0.5 + 1.
  assertEquals(path(sgd({ lr: 0.5, momentum: 0.5 }), [1, 1]), [0.5, -0.25]);
  // g': 1 + 0.5, then 1 + 0.5 * 0.25.
  assertEquals(path(sgd({ lr: 0.5, weightDecay: 0.5 }), [1, 1]), [0.25, -0.3125]);
  // Steps along 1 + 0.5 * 1, then 1 + 0.5 * 1.5.
  assertEquals(path(sgd({ lr: 0.5, momentum: 0.5, nesterov: true }), [1, 1]), [0.25, -0.625]);
  // g': 1.5, then 1 + 0.5 * -0.125; v: 1.5, then 0.75 + 0.9375; steps along 2.25, then 0.9375 + 0.84375.
  const all = sgd({ lr: 0.5, momentum: 0.5, nesterov: true, weightDecay: 0.5 });
  assertEquals(path(all, [1, 1]), [-0.125, -1.015625]);
  assertThrows(() => path(sgd({ lr: 1, nesterov: true }), [1]), RangeError);
});

Deno.test("Adam, by hand, with eps large enough to see where it stands", () => {
  const options = { lr: 0.5, beta1: 0.5, beta2: 0.75, eps: 1 };
  // Corrected moments: 4 and 16, so -0.5 * 4 / (4 + 1); then m = 0.5 * 2 + 0.5 * 2, v = 0.75 * 4 + 0.25 * 4.
  const second = 0.5 * (2 / 0.75) / (Math.sqrt(4 / 0.4375) + 1);
  assertClose(path(adam(options), [4, 2]), [0.6, 0.6 - second], 1e-15, "adam");
  // The penalty joins the gradient: 4 + 0.5 * 1 = 4.5.
  assertClose(
    path(adam({ ...options, weightDecay: 0.5 }), [4]),
    [1 - 0.5 * 4.5 / 5.5],
    1e-15,
    "adam with decay",
  );
});

Deno.test("AdamW shrinks the weight and leaves the moments alone", () => {
  const options = { lr: 0.5, beta1: 0.5, beta2: 0.75, eps: 1, weightDecay: 0.5 };
  const first = 0.75 - 0.4;
  const second = 0.75 * first - 0.5 * (2 / 0.75) / (Math.sqrt(4 / 0.4375) + 1);
  assertClose(path(adamw(options), [4, 2]), [first, second], 1e-15, "adamw");
});

Deno.test("the first step of Adam is the learning rate, whatever the gradient's size", () => {
  for (const gradient of [1e-3, 1, 1e6]) {
    assertClose(path(adam({ lr: 0.01 }), [gradient]), [0.99], 1e-7, `gradient ${gradient}`);
  }
});

Deno.test("a step leaves the state that it starts from as it was", () => {
  const optimizer = sgd({ lr: 0.5, momentum: 0.5 });
  const before = optimizer.start([1, 2]);
  const after = optimizer.step(before, [1, 1]);
  assertEquals(before, optimizer.start([1, 2]));
  assertEquals(after.velocity, Float64Array.of(1, 1));
  assertThrows(() => optimizer.step(after, [1]), RangeError, "gradient has 1 elements, not 2");
});

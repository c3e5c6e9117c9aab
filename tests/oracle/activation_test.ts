import { assertEquals, assertThrows } from "@std/assert";
import {
  activate,
  activateGrad,
  type Activation,
  biasAdd,
  biasGrad,
  leakyReluGrad,
  relu,
  reluGrad,
  sigmoid,
} from "./activation.ts";
import { assertClose } from "./compare.ts";

Deno.test("relu at its edges", () => {
  assertEquals([...relu([-1, -0, 0, 2, NaN, Infinity, -Infinity])], [0, 0, 0, 2, NaN, Infinity, 0]);
  assertEquals([...reluGrad([0, 0, 2], [5, -5, 7])], [0, 0, 7]);
});

Deno.test("values known in closed form", () => {
  const third = Math.log(1 / 2); // sigmoid(log(1/2)) = 1/3, tanh(log 2) = 3/5
  assertClose(activate("sigmoid", [0, third, -third]), [1 / 2, 1 / 3, 2 / 3], 1e-16, "sigmoid");
  assertClose(activate("tanh", [0, Math.LN2, -Math.LN2]), [0, 0.6, -0.6], 2e-16, "tanh");
  assertEquals([...activate("leaky_relu", [-100, 0, 3])], [-1, 0, 3]);
  assertEquals([...activate("linear", [-1, 2])], [-1, 2]);
});

Deno.test("sigmoid neither overflows nor loses its lower tail", () => {
  assertEquals([...sigmoid([1000, -1000, Infinity, -Infinity])], [1, 0, 1, 0]);
  assertClose(sigmoid([-700]), [Math.exp(-700)], Math.exp(-700) * 1e-15, "tail");
});

for (const name of ["relu", "leaky_relu", "tanh", "sigmoid", "linear"] as Activation[]) {
  Deno.test(`the gradient of ${name} is its slope times what comes from above`, () => {
    const x = [-2.5, -0.75, -0.125, 0.125, 0.5, 3];
    const upstream = [1, -2, 3, 0.5, -0.25, 4];
    const h = 2 ** -17;
    const [above, below] = [h, -h].map((shift) => activate(name, x.map((value) => value + shift)));
    const expected = upstream.map((value, i) => value * (above[i] - below[i]) / (2 * h));
    assertClose(activateGrad(name, activate(name, x), upstream), expected, 1e-9, name);
  });
}

Deno.test("a bias is added to each row, and its gradient is the sum over rows", () => {
  assertEquals([...biasAdd([1, 2, 3, 4, 5, 6], [10, 20, 30])], [11, 22, 33, 14, 25, 36]);
  assertEquals([...biasGrad([1, 2, 3, 4, 5, 6], 3)], [5, 7, 9]);
  assertEquals([...biasAdd([], [])], []);
  assertEquals([...biasGrad([], 2)], [0, 0]);
  assertThrows(() => biasAdd([1, 2, 3], [1, 2]), RangeError);
  assertThrows(() => biasAdd([1], []), RangeError);
});

Deno.test("a negative slope hides the sign of the input", () => {
  assertThrows(() => leakyReluGrad([1], [1], -0.5), RangeError, "slope -0.5");
});

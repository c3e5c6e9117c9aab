import { assertEquals } from "@std/assert";
import { copyBlock } from "../../kernels/mod.ts";
import { uniformInputs } from "../oracle/random.ts";
import { f32, runCases, testGpu } from "../gpu_fixture.ts";

/** rows, columns of the block, columns of x, the first of them, columns of out, the first of them. */
const BLOCKS = [[0, 1, 1, 0, 1, 0], [1, 1, 1, 0, 1, 0], [3, 5, 11, 6, 5, 0], [7, 4, 4, 0, 9, 2], [
  65,
  17,
  31,
  13,
  257,
  240,
]];

Deno.test("copy_block: the block's elements, and nothing beside it", async () => {
  const cases = BLOCKS.map(([rows, columns, x_columns, x_first, out_columns, out_first]) => ({
    kernel: copyBlock,
    inputs: {
      x: f32(uniformInputs(rows * x_columns + 1, 3)),
      out: f32(uniformInputs(rows * out_columns + 1, 4)),
    },
    params: { n: rows * columns, columns, x_columns, x_first, out_columns, out_first },
  }));
  const results = await runCases(await testGpu(), cases);
  cases.forEach(({ inputs, params: { columns, n, x_columns, x_first, out_columns, out_first } }, i) => {
    const expected = inputs.out.slice();
    for (let r = 0; r < n / columns; r++) {
      for (let c = 0; c < columns; c++) {
        expected[r * out_columns + out_first + c] = inputs.x[r * x_columns + x_first + c];
      }
    }
    assertEquals(results[i].out, expected);
  });
});

import { assert, assertEquals } from "@std/assert";
import { selfTest } from "../../src/diagnose/self_test.ts";
import type { HostArray } from "../../src/gpu/buffer.ts";
import { Gpu } from "../../src/gpu/gpu.ts";

/** What must at least be checked. */
const NAMES = ["philox known answer", "uniform draw", "normal draw", "matmul 33x17x65", "gradient"];

/** A device whose results are changed on their way to the host: as if its kernels computed them so. */
async function openFaulty(change: (values: HostArray) => void): Promise<Gpu> {
  const gpu = await Gpu.open(), read = gpu.read.bind(gpu), readAll = gpu.readAll.bind(gpu);
  gpu.read = async (...args) => {
    const values = await read(...args);
    change(values);
    return values;
  };
  gpu.readAll = async (buffers) => {
    const all = await readAll(buffers);
    change((all as HostArray[])[0]);
    return all;
  };
  return gpu;
}

Deno.test("selfTest: this device computes right", async () => {
  using gpu = await Gpu.open();
  const checks = await selfTest(gpu);
  assertEquals(NAMES.filter((name) => !checks.some((check) => check.name === name)), []);
  assertEquals(checks.filter(({ ok }) => !ok), []);
  assert(checks.every(({ detail }) => detail.length > 0 && !detail.includes("\n")));
  assertEquals(gpu.memory.buffers, 0, "nothing is left on the device");
});

Deno.test("selfTest: one wrong bit in one random number, or one wrong element, fails the check", async () => {
  using gpu = await openFaulty((values) => {
    if (values instanceof Float32Array && values.length < 4000) values[values.length - 1] += 0.01;
    else new Uint32Array(values.buffer)[values.length - 1] ^= 1;
  });
  assertEquals((await selfTest(gpu)).filter(({ ok }) => ok), []);
});

Deno.test("selfTest: a NaN fails every check of floats", async () => {
  using gpu = await openFaulty((values) => {
    if (values instanceof Float32Array) values[0] = NaN;
  });
  const passed = (await selfTest(gpu)).filter(({ ok }) => ok);
  assertEquals(passed.filter(({ name }) => !name.endsWith("known answer")), []);
});

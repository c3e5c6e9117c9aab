import { assert, assertEquals, assertThrows } from "@std/assert";
import { FaninError, ShapeError } from "../../src/gpu/mod.ts";
import { testGpu } from "../gpu_fixture.ts";

Deno.test("an error says what is wrong and what helps, on one line", () => {
  const error = new FaninError("the name is a\nb", "leave the line break out");
  assertEquals(error.message, "the name is a\\u{a}b; leave the line break out");
  assertEquals([error.problem, error.remedy], ["the name is a\\u{a}b", "leave the line break out"]);
});

Deno.test("an array where a number belongs does not fill the screen: both ends of the line are kept", async () => {
  const gpu = await testGpu(), array = new Float32Array(100_000).fill(0.5) as unknown as number;
  const { message } = assertThrows(() => gpu.buffer("a", "f32", array), ShapeError);
  assert(message.startsWith("buffer a cannot have 0.5,0.5,"), message.slice(0, 100));
  assert(message.endsWith("0.5 elements; give a whole number from 0 on"), message.slice(-100));
  assert(message.length < 2000, `${message.length} characters`);
});

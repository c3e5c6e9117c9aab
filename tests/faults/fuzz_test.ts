import { assert, assertEquals, assertThrows } from "@std/assert";
import { ArgumentError } from "../../src/gpu/mod.ts";
import { bytesAllocated } from "./allocation.ts";
import { fuzz } from "./fuzz.ts";
import { fuzzCommands } from "./fuzz_command.ts";
import { endsInResultOrInputError } from "./hostile.ts";
import { type Reader, readers } from "./readers.ts";

// The same with 100,000 cases each: deno run -A tests/faults/fuzz.ts, deno run -A tests/faults/fuzz_command.ts.
const CASES = 5000;

const all = await readers();

for (const [name, reader] of Object.entries(all)) {
  Deno.test(`${name}: damaged files end in a result or in an error of one line, with buffers no larger than they`, () => {
    const { read } = fuzz(reader, CASES, 2);
    assert(read > CASES / 100 && read < CASES * 0.9, `${read} of ${CASES} were read: both must happen`);
  });
}

Deno.test("the command line: hostile arguments end in an error of one line", async () => {
  const { statuses } = await fuzzCommands(CASES, 2);
  assertEquals(statuses[0] + statuses[1] + statuses[2], CASES);
  assert(Object.values(statuses).every((count) => count > 0), JSON.stringify(statuses));
});

Deno.test("the fuzzers find what they are to find", () => {
  const planted = (read: Reader["read"]) => () => fuzz({ files: all.npy.files, read }, 200, 1);
  assertThrows(planted(() => JSON.parse("{")), SyntaxError);
  assertThrows(planted((bytes) => new Float32Array(bytes.length * 10)), Error, "bytes of buffers");
  assertThrows(planted(() => new Uint8Array(2 ** 20)), Error, "1048576 bytes of buffers");
  assertThrows(() => endsInResultOrInputError(() => [].at(0)!["x"]), TypeError);
});

Deno.test("bytes are counted however they are asked for", () => {
  const source = new Uint8Array(100);
  assertEquals(bytesAllocated(() => new Float32Array(3)), 12);
  assertEquals(bytesAllocated(() => new Float64Array([1, 2])), 16);
  assertEquals(bytesAllocated(() => new ArrayBuffer(7)), 7);
  assertEquals(bytesAllocated(() => source.slice(10)), 90);
  assertEquals(bytesAllocated(() => [new Uint8Array(source.buffer), source.subarray(3)]), 0);
  assertThrows(() =>
    bytesAllocated(() => {
      throw new ArgumentError("a", "b");
    }), ArgumentError);
  assertEquals(new Uint8Array(2) instanceof Uint8Array, true, "everything is as it was");
});

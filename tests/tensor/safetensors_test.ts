import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ArgumentError, DtypeError, FormatError, InputError, ShapeError } from "../../src/gpu/errors.ts";
import {
  asFloat32,
  encodeSafetensors,
  encodeSafetensorsHeader,
  parseSafetensors,
  parseSafetensorsHeader,
  type SafetensorsDtype,
  safetensorsHeaderLength,
  type TensorSource,
} from "../../src/tensor/safetensors.ts";
import { endsInResultOrInputError } from "../faults/hostile.ts";
import { concat } from "./npy_files.ts";

/** A file with any header text, its length right. */
function fileWith(header: string, data: Uint8Array | number = 0): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return concat(length, text, typeof data === "number" ? new Uint8Array(data) : data);
}

function refusal(header: string, data: Uint8Array | number = 0): string {
  const { message } = assertThrows(() => parseSafetensors(fileWith(header, data)), FormatError);
  assert(!/[\n\r\u2028]/.test(message), "one line");
  return message;
}

const F32 = (shape: number[], values: number[]): TensorSource => ({
  dtype: "F32",
  shape,
  data: Float32Array.from(values),
});

// From the documentation of the reference implementation's SafeTensors::deserialize.
Deno.test("safetensors: reads the reference implementation's example", () => {
  const header = `{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}`;
  assertEquals(header.length, "<".charCodeAt(0));
  const { tensors, metadata } = parseSafetensors(fileWith(header, 16));
  const { data, ...info } = tensors.get("test")!;
  assertEquals(info, { dtype: "I32", shape: [2, 2], begin: 0, end: 16 });
  assertEquals([data.length, metadata], [16, {}]);
});

Deno.test("safetensors: writes known bytes", () => {
  const chunks = encodeSafetensors([["0.weight", F32([1, 2], [1, -2])]], { b: "2", a: "1" });
  const text =
    `{"__metadata__":{"a":"1","b":"2"},"0.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}`;
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8, " ");
  assertEquals(concat(...chunks), fileWith(padded, Uint8Array.fromHex("0000803f000000c0")));
});

Deno.test("safetensors: an empty file has an empty header", () => {
  const file = concat(...encodeSafetensors([]));
  assertEquals(file, fileWith("{}      "));
  assertEquals(parseSafetensors(file), { metadata: {}, tensors: new Map() });
});

Deno.test("safetensors: keeps the given order, wider types first", () => {
  const file = concat(...encodeSafetensors([
    ["z", F32([1], [1])],
    ["flag", { dtype: "BOOL", shape: [3], data: new Uint8Array([1, 0, 1]) }],
    ["a", F32([1], [2])],
    ["step", { dtype: "I64", shape: [], data: new BigInt64Array([7n]) }],
  ]));
  const { tensors } = parseSafetensors(file);
  assertEquals([...tensors.keys()], ["step", "z", "a", "flag"]);
  assertEquals([...tensors.values()].map((t) => [t.begin, t.end]), [[0, 8], [8, 12], [12, 16], [16, 19]]);
  assertEquals([...asFloat32(tensors.get("a")!)], [2]);
});

Deno.test("safetensors: names that look like numbers do not change places", () => {
  const names = ["b", "10", "2", "a"];
  const file = concat(...encodeSafetensors(names.map((name) => [name, F32([1], [1])])));
  assertEquals([...parseSafetensors(file).tensors.keys()], names);
});

Deno.test("safetensors: names of Object's own things are names like any other", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  const metadata = JSON.parse(`{"__proto__":"p","constructor":"c"}`);
  const file = concat(
    ...encodeSafetensors(names.map((name, i) => [name, F32([1], [i])] as const), metadata),
  );
  const parsed = parseSafetensors(file);
  assertEquals([...parsed.tensors.keys()], names);
  assertEquals(names.map((name) => asFloat32(parsed.tensors.get(name)!)[0]), [0, 1, 2, 3]);
  assertEquals(Object.entries(parsed.metadata), [["__proto__", "p"], ["constructor", "c"]]);
  assertEquals(({} as Record<string, unknown>).dtype, undefined);
});

Deno.test("safetensors: the header of a large file is read from its beginning", () => {
  const { bytes } = encodeSafetensorsHeader([["w", { dtype: "F32", shape: [1 << 20, 1 << 20] }]], { k: "v" });
  const size = bytes.length + 4 * 2 ** 40;
  assertEquals(safetensorsHeaderLength(bytes.subarray(0, 8), size), bytes.length);
  const header = parseSafetensorsHeader(bytes, size);
  assertEquals([header.dataStart, header.metadata], [bytes.length, { k: "v" }]);
  assertEquals(header.tensors.get("w")!.end, 4 * 2 ** 40);
  assertThrows(() => parseSafetensorsHeader(bytes, size - 1), FormatError, "cut off");
  assertThrows(() => parseSafetensorsHeader(bytes, size + 1), FormatError, "1 bytes follow");
  assertThrows(() => parseSafetensorsHeader(bytes.subarray(0, 20), size), ArgumentError, "20 were passed");
  assertThrows(() => safetensorsHeaderLength(bytes.subarray(0, 7), size), ArgumentError);
});

Deno.test("safetensors: any tensors survive a round trip, and the same input gives the same bytes", () => {
  const dtypes: [SafetensorsDtype, number][] = [["F32", 4], ["F64", 8], ["BF16", 2], ["U8", 1], ["BOOL", 1]];
  const tensor = fc.tuple(fc.constantFrom(...dtypes), fc.array(fc.nat(3), { maxLength: 3 })).chain(
    ([[dtype, width], shape]) => {
      const length = shape.reduce((a, b) => a * b, width);
      return fc.uint8Array({ minLength: length, maxLength: length }).map((data) => ({ dtype, shape, data }));
    },
  );
  const name = fc.string({ unit: "binary" }).filter((text) => text !== "__metadata__");
  const tensors = fc.uniqueArray(fc.tuple(name, tensor), { selector: ([name]) => name, maxLength: 6 });
  const metadata = fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), {
    maxKeys: 3,
  });
  fc.assert(fc.property(tensors, metadata, (tensors, metadata) => {
    const chunks = encodeSafetensors(tensors, metadata);
    const file = concat(...chunks);
    assertEquals(chunks[0].length % 8, 0);
    const parsed = parseSafetensors(file);
    assertEquals(Object.entries(parsed.metadata).sort(), Object.entries(metadata).sort());
    assertEquals(parsed.tensors.size, tensors.length);
    for (const [name, { dtype, shape, data }] of tensors) {
      const entry = parsed.tensors.get(name)!;
      assertEquals([entry.dtype, entry.shape, new Uint8Array(entry.data)], [dtype, shape, data]);
    }
    assertEquals(concat(...encodeSafetensors(parsed.tensors, parsed.metadata)), file);
  }));
});

Deno.test("safetensors: floats are a view where the bytes are aligned, and a copy where not", () => {
  const file = concat(...encodeSafetensors([["w", F32([2], [1.5, -2])]]));
  const aligned = parseSafetensors(file).tensors.get("w")!;
  assertEquals([...asFloat32(aligned)], [1.5, -2]);
  assert(asFloat32(aligned).buffer === file.buffer);
  const shifted = concat(new Uint8Array(1), file).subarray(1);
  assertEquals([...asFloat32(parseSafetensors(shifted).tensors.get("w")!)], [1.5, -2]);
  assertThrows(() => asFloat32({ dtype: "F16", data: new Uint8Array(4) }), DtypeError, "F16");
  assertThrows(() => asFloat32({ dtype: "F32", data: new Uint8Array(3) }), ShapeError);
});

Deno.test("safetensors: refuses a file cut at any byte, and one with a byte too many", () => {
  const file = concat(...encodeSafetensors([["a", F32([2], [1, 2])], ["b", F32([1], [3])]], { k: "v" }));
  for (let length = 0; length < file.length; length++) {
    assertThrows(() => parseSafetensors(file.subarray(0, length)), FormatError);
  }
  assertThrows(() => parseSafetensors(concat(file, new Uint8Array(1))), FormatError, "1 bytes follow");
});

Deno.test("safetensors: refuses absurd header lengths", () => {
  const file = new Uint8Array(16);
  for (const length of [9n, 100_000_000n, 100_000_001n, 2n ** 53n, 2n ** 64n - 1n]) {
    new DataView(file.buffer).setBigUint64(0, length, true);
    assertStringIncludes(assertThrows(() => parseSafetensors(file), FormatError).message, String(length));
  }
});

Deno.test("safetensors: refuses what is not a JSON object", () => {
  for (const header of ["", "[]", "null", "1", `"{}"`, "{", `{"a":}`, " {}", "\ufeff{}", "{} x", "{'a':1}"]) {
    refusal(header);
  }
  const notUtf8 = fileWith("{}    ");
  notUtf8[10] = 0xff;
  assertThrows(() => parseSafetensors(notUtf8), FormatError, "UTF-8");
  assertStringIncludes(refusal("[".repeat(1_000_000)), "levels deep");
  assertStringIncludes(refusal(`{"${"\\\\".repeat(500_000)}`), "not JSON");
});

Deno.test("safetensors: refuses a key that is given twice, however it is written", () => {
  const info = `{"dtype":"U8","shape":[],"data_offsets":[0,1]}`;
  assertStringIncludes(refusal(`{"a":${info},"a":${info}}`, 1), `key "a" twice`);
  assertStringIncludes(refusal(`{"a":${info},"\\u0061" :${info}}`, 1), `key "a" twice`);
  assertStringIncludes(
    refusal(`{"a":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}}`, 1),
    "dtype",
  );
  assertStringIncludes(refusal(`{"__metadata__":{"k":"1","k":"2"}}`), `"k"`);
  assertStringIncludes(refusal(`{"__metadata__":{},"__metadata__":{}}`), "__metadata__");
  // The same text as a value, or in another object, is no second key.
  const fine = `{"__metadata__":{"k":"k","a":"{\\"k\\":1,\\"k\\":2}"},"k":${info}}`;
  assertEquals([...parseSafetensors(fileWith(fine, 1)).tensors.keys()], ["k"]);
});

Deno.test("safetensors: refuses metadata that is not text", () => {
  for (const value of ["1", "null", "[]", `{"k":1}`, `{"k":null}`, `{"k":{}}`, `{"k":["a"]}`]) {
    assertStringIncludes(refusal(`{"__metadata__":${value}}`), "__metadata__");
  }
});

Deno.test("safetensors: refuses a tensor that does not add up, naming it", () => {
  const cases: [info: string, part: string][] = [
    [`1`, "not an object"],
    [`{}`, "dtype"],
    [`{"dtype":"F33","shape":[1],"data_offsets":[0,4]}`, `"F33"`],
    [`{"dtype":"__proto__","shape":[1],"data_offsets":[0,4]}`, "__proto__"],
    [`{"dtype":["F32"],"shape":[1],"data_offsets":[0,4]}`, "dtype"],
    [`{"dtype":"F32","data_offsets":[0,4]}`, "shape undefined"],
    [`{"dtype":"F32","shape":{"length":1},"data_offsets":[0,4]}`, "shape"],
    [`{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}`, "[-1]"],
    [`{"dtype":"F32","shape":[1.5],"data_offsets":[0,6]}`, "[1.5]"],
    [`{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}`, "shape"],
    [`{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}`, "shape"],
    [`{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}`, "overflows"],
    [`{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}`, "overflows"],
    [`{"dtype":"F32","shape":[1]}`, "data_offsets"],
    [`{"dtype":"F32","shape":[1],"data_offsets":[0]}`, "data_offsets"],
    [`{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}`, "data_offsets"],
    [`{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}`, "data_offsets"],
    [`{"dtype":"F32","shape":[1],"data_offsets":[4,0]}`, "hold -4"],
    [`{"dtype":"F32","shape":[2],"data_offsets":[0,4]}`, "needs 8 bytes"],
    [`{"dtype":"F32","shape":[1],"data_offsets":[0,1e400]}`, `"Infinity"`],
  ];
  for (const [info, part] of cases) {
    const message = refusal(`{"w\\n\\u001b[31m":${info}}`, 4);
    assertStringIncludes(message, part);
    assertStringIncludes(message, `"w\\n\\u001b[31m"`);
  }
});

Deno.test("safetensors: refuses tensors that overlap, leave holes or pass the end", () => {
  const at = (begin: number, end: number) =>
    `{"dtype":"U8","shape":[${end - begin}],"data_offsets":[${begin},${end}]}`;
  assertStringIncludes(refusal(`{"a":${at(0, 4)},"b":${at(2, 6)}}`, 6), `"b" begins at byte 2`);
  assertStringIncludes(refusal(`{"a":${at(0, 4)},"b":${at(0, 4)}}`, 4), "overlaps");
  assertStringIncludes(refusal(`{"a":${at(0, 4)},"b":${at(2, 2)}}`, 4), "overlaps");
  assertStringIncludes(refusal(`{"a":${at(0, 2)},"b":${at(4, 6)}}`, 6), "hole");
  assertStringIncludes(refusal(`{"a":${at(1, 4)}}`, 4), "hole");
  assertStringIncludes(refusal(`{"a":${at(0, 4)}}`, 3), "cut off");
  assertStringIncludes(refusal(`{"a":${at(0, 4)}}`, 5), "1 bytes follow");
  assertStringIncludes(refusal(`{}`, 5), "5 bytes follow");
  // Empty tensors may share a place, and the header may name the last first.
  const { tensors } = parseSafetensors(
    fileWith(`{"b":${at(2, 4)},"e":${at(2, 2)},"a":${at(0, 2)},"f":${at(4, 4)}}`, 4),
  );
  assertEquals([...tensors.keys()], ["a", "e", "b", "f"]);
});

Deno.test("safetensors: passes over fields that it does not know, as the reference does", () => {
  const info = `{"dtype":"U8","shape":[1],"data_offsets":[0,1],"scale":[0.5,{"x":null}]}`;
  assertEquals(parseSafetensors(fileWith(`{"a":${info}}`, 1)).tensors.get("a")!.end, 1);
});

Deno.test("safetensors: headers made of the format's own pieces end in a result or an error of ours", () => {
  const pieces = [
    ..."{}[],:",
    `"__metadata__"`,
    `"a"`,
    `"dtype"`,
    `"F32"`,
    `"shape"`,
    `"data_offsets"`,
    "0",
    "4",
    "-1",
    "1e9",
    "null",
    `{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`,
  ];
  const header = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) =>
    `{${parts.join("")}}`
  );
  fc.assert(
    fc.property(header, (text) => void endsInResultOrInputError(() => parseSafetensors(fileWith(text, 4)))),
    { numRuns: 2000 },
  );
});

Deno.test("safetensors: refuses to write what no reader would take", () => {
  const one = F32([1], [1]);
  assertThrows(() => encodeSafetensors([["__metadata__", one]]), ArgumentError);
  assertThrows(() => encodeSafetensors([["a", one], ["a", one]]), ArgumentError, "two tensors");
  assertThrows(() => encodeSafetensors([["\ud800", one]]), ArgumentError);
  assertThrows(() => encodeSafetensors([["a", { ...one, shape: [2] }]]), ShapeError, "needs 8 bytes");
  assertThrows(() => encodeSafetensors([["a", { ...one, dtype: "F4" as SafetensorsDtype }]]), DtypeError);
  assertThrows(() => encodeSafetensors([["a", one]], { k: 1 as unknown as string }), ArgumentError);
  for (const size of [-1, 0.5, NaN, -0, 2 ** 53]) {
    assertThrows(() => encodeSafetensors([["a", { ...one, shape: [size] }]]), ShapeError);
  }
  assertThrows(
    () =>
      encodeSafetensorsHeader([["a", { dtype: "U8", shape: [2 ** 52] }], ["b", {
        dtype: "U8",
        shape: [2 ** 52],
      }]]),
    InputError,
    "2^53",
  );
});

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import { DtypeError, FormatError, InputError, ShapeError } from "../../src/gpu/errors.ts";
import { encodeNpyHeader, type NpyArray, type NpyDtype, readNpy, writeNpy } from "../../src/tensor/npy.ts";
import { concat, numpyFile } from "./npy_files.ts";

const DTYPES: NpyDtype[] = ["f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"];
const UNREADABLE = ["f2", "c8", "object_like"];

/** A file of version 1.0 with any header text, padded as NumPy does. */
function fileWith(header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(header + "\n");
  const start = new Uint8Array([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    text.length & 255,
    text.length >> 8,
  ]);
  return concat(start, text, data);
}

for (const dtype of DTYPES) {
  Deno.test(`npy: reads and writes NumPy's file of ${dtype}, byte for byte`, () => {
    const array = readNpy(numpyFile(dtype));
    assertEquals(array.dtype, dtype);
    assertEquals(array.shape, [2, 3]);
    const first = dtype.startsWith("u") ? 0 : -2;
    assertEquals(Array.from(array.data, Number), [0, 1, 2, 3, 4, 5].map((i) => i + first));
    assertEquals(writeNpy(array), numpyFile(dtype));
  });
}

Deno.test("npy: reads and writes booleans", () => {
  const array = readNpy(numpyFile("b1"));
  assertEquals([array.dtype, ...array.data], ["b1", 1, 0, 1, 0, 0, 1]);
  assertEquals(writeNpy(array), numpyFile("b1"));
});

Deno.test("npy: swaps big-endian elements", () => {
  for (const dtype of ["f4", "i2", "i8", "u4", "f8"]) {
    const array = readNpy(numpyFile(`big_${dtype}`));
    assertEquals([array.dtype, ...Array.from(array.data, Number)], [dtype, 0, 1, 2, 3, 4, 5]);
  }
});

Deno.test("npy: brings Fortran order into C order", () => {
  assertEquals([...readNpy(numpyFile("fortran")).data], [0, 1, 2, 3, 4, 5]);
  // numpy.asfortranarray(numpy.arange(24).reshape(2, 3, 4))
  const cube = readNpy(numpyFile("fortran3"));
  assertEquals(cube.shape, [2, 3, 4]);
  assertEquals([...cube.data], Array.from({ length: 24 }, (_, i) => i));
});

Deno.test("npy: reads and writes a scalar, an empty array and a vector", () => {
  const expected: Record<string, [number[], number[]]> = {
    scalar: [[], [1.5]],
    empty: [[0, 3], []],
    vector: [[3], [0, 1, 2]],
  };
  for (const [name, [shape, values]] of Object.entries(expected)) {
    const array = readNpy(numpyFile(name));
    assertEquals([array.shape, [...array.data]], [shape, values]);
    assertEquals(writeNpy(array), numpyFile(name));
  }
});

Deno.test("npy: reads format versions 2.0 and 3.0", () => {
  for (const name of ["v2", "v3"]) assertEquals([...readNpy(numpyFile(name)).data], [0, 1, 2, 3, 4, 5]);
});

Deno.test("npy: the header alone is what precedes the data", () => {
  const header = encodeNpyHeader("f4", [2, 3]);
  assertEquals(header.length % 64, 0);
  assertEquals(header, numpyFile("f4").slice(0, header.length));
});

Deno.test("npy: any array survives a round trip, bit for bit", () => {
  const array = fc.tuple(fc.constantFrom(...DTYPES), fc.array(fc.nat(4), { maxLength: 4 })).chain(
    ([dtype, shape]) => {
      const source = readNpy(numpyFile(dtype)).data;
      const bytes = shape.reduce((a, b) => a * b, source.BYTES_PER_ELEMENT);
      return fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((raw) => {
        const data = new (source.constructor as Float32ArrayConstructor)(raw.slice().buffer);
        return { dtype, shape, data, raw };
      });
    },
  );
  fc.assert(fc.property(array, ({ dtype, shape, data, raw }) => {
    const file = writeNpy({ dtype, shape, data });
    const back = readNpy(file);
    assertEquals([back.dtype, back.shape], [dtype, shape]);
    assertEquals(new Uint8Array(back.data.buffer), raw);
    assertEquals((file.length - raw.length) % 64, 0);
  }));
});

Deno.test("npy: the result is a copy, also of Node's Buffer and of a view at an odd offset", () => {
  const file = numpyFile("big_f4");
  const pool = Buffer.alloc(file.length + 1);
  pool.set(file, 1);
  const array = readNpy(pool.subarray(1));
  assertEquals([...array.data], [0, 1, 2, 3, 4, 5]);
  assertEquals(new Uint8Array(pool.subarray(1)), file);
  array.data[0] = 9;
  assertEquals(new Uint8Array(pool.subarray(1)), file);
});

Deno.test("npy: writes from a view into a larger buffer", () => {
  const all = Float32Array.from({ length: 8 }, (_, i) => i - 3);
  assertEquals(writeNpy({ dtype: "f4", shape: [2, 3], data: all.subarray(1, 7) }), numpyFile("f4"));
});

Deno.test("npy: accepts what Python accepts in the header", () => {
  const data = new Uint8Array(24);
  const headers = [
    `{"shape": (2, 3,), "fortran_order": False, "descr": "<f4"}`,
    `{'descr':'<f4','fortran_order':False,'shape':(2L, 3L), }`,
    `  { 'descr' : '<f4' , 'fortran_order' : False , 'shape' : ( 2 , 3 ) , }   `,
  ];
  for (const header of headers) assertEquals(readNpy(fileWith(header, data)).shape, [2, 3]);
});

Deno.test("npy: refuses every other header, and says why", () => {
  const rest = `'fortran_order': False, 'shape': (2, 3), }`;
  const cases: [header: string, part: string][] = [
    [`{'descr': '<f4', ${rest} + 1`, "the end is wanted"],
    [`{'descr': '<f4', 'descr': '<f4', ${rest}`, "given twice"],
    [`{'descr': '<f4', 'extra': 1, ${rest}`, `"extra" is unknown`],
    [`{'descr': '<f4', '__proto__': 1, ${rest}`, `"__proto__" is unknown`],
    [`{'descr': '<f4', 'shape': (2, 3), }`, `"fortran_order" is missing`],
    [`{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3), }`, "True or False is wanted"],
    [`{'descr': '<f4', 'fortran_order': False, 'shape': (6), }`, "not a tuple"],
    [`{'descr': '<f4', 'fortran_order': False, 'shape': (2 3), }`, "comma"],
    [`{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }`, `"-2" is negative`],
    [`{'descr': '<f4', 'fortran_order': False, 'shape': (2.0, 3), }`, "comma"],
    [`{'descr': '<f4', 'fortran_order': False, 'shape': (9007199254740993,), }`, "too large"],
    [`{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }`, "overflows"],
    [`{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4294967296, 4294967296), }`, "overflows"],
    [`{'descr': '<f4', 'fortran_order': False, 'shape': (${"1,".repeat(65)}), }`, "65 dimensions"],
    [`__import__('os').system('true')`, `"{" is wanted`],
    [``, `"{" is wanted at character`],
  ];
  for (const [header, part] of cases) {
    const error = assertThrows(() => readNpy(fileWith(header, new Uint8Array(24))), FormatError);
    assertStringIncludes(error.message, part);
  }
});

Deno.test("npy: refuses dtypes that it cannot hold, naming them", () => {
  for (const name of UNREADABLE) {
    const error = assertThrows(() => readNpy(numpyFile(name)), DtypeError);
    assert(/<f2|<c8|structured/.test(error.message), error.message);
  }
  const rest = `'fortran_order': False, 'shape': (1,), }`;
  for (const descr of ["|f4", "=f4", "|O", "f4", "", "<__proto__", "|constructor"]) {
    assertThrows(() => readNpy(fileWith(`{'descr': '${descr}', ${rest}`, new Uint8Array(4))), DtypeError);
  }
});

Deno.test("npy: refuses a shape beyond the data before it allocates", () => {
  const header = `{'descr': '<f8', 'fortran_order': True, 'shape': (1000000, 1000000), }`;
  const error = assertThrows(() => readNpy(fileWith(header, new Uint8Array(8))), FormatError);
  assertStringIncludes(error.message, "needs 8000000000000 bytes of data and the file has 8");
});

Deno.test("npy: refuses absurd header lengths and unknown versions", () => {
  const long = numpyFile("v2");
  new DataView(long.buffer).setUint32(8, 0xffffffff, true);
  assertStringIncludes(assertThrows(() => readNpy(long), FormatError).message, "4294967295");
  for (const [major, minor] of [[0, 0], [4, 0], [1, 1]]) {
    const file = numpyFile("f4");
    file.set([major, minor], 6);
    assertStringIncludes(assertThrows(() => readNpy(file), FormatError).message, `version ${major}.${minor}`);
  }
  const notUtf8 = numpyFile("v3");
  notUtf8[14] = 0xff;
  assertStringIncludes(assertThrows(() => readNpy(notUtf8), FormatError).message, "UTF-8");
});

Deno.test("npy: refuses a boolean that is neither 0 nor 1", () => {
  const file = numpyFile("b1");
  file[file.length - 1] = 2;
  assertStringIncludes(assertThrows(() => readNpy(file), FormatError).message, "element 5");
});

Deno.test("npy: refuses a file cut at any byte, and one with a byte too many", () => {
  for (const name of ["f4", "v2", "scalar", "fortran"]) {
    const file = numpyFile(name);
    for (let length = 0; length < file.length; length++) {
      assertThrows(() => readNpy(file.subarray(0, length)), FormatError);
    }
    assertThrows(() => readNpy(concat(file, new Uint8Array(1))), FormatError, "1 bytes follow");
  }
});

Deno.test("npy: refuses to write what does not fit", () => {
  const data = new Float32Array(6);
  assertThrows(() => writeNpy({ dtype: "f4", shape: [2, 2], data }), ShapeError, "needs 16 bytes");
  assertThrows(() => writeNpy({ dtype: "i4", shape: [2, 3], data }), DtypeError, "Float32Array");
  assertThrows(() => writeNpy({ dtype: "__proto__" as NpyDtype, shape: [6], data }), DtypeError);
  for (const size of [-1, 1.5, NaN, -0, 2 ** 53]) {
    assertThrows(() => writeNpy({ dtype: "f4", shape: [size], data }), ShapeError);
  }
  assertThrows(() => encodeNpyHeader("f4", Array(65).fill(1)), InputError, "65 dimensions");
});

Deno.test("npy: the type of the data follows the dtype", () => {
  const array: NpyArray = readNpy(numpyFile("i8"));
  if (array.dtype !== "i8") throw new Error("not i8");
  const first: bigint = array.data[0];
  assertEquals(first, -2n);
});

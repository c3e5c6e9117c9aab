/**
 * Files that NumPy 2.4.6 wrote with `numpy.save` (v2 and v3: `numpy.lib.format.write_array`), little-endian
 * machine. The arrays are `numpy.arange(6).reshape(2, 3)`, minus 2 for signed types and floats, cast to the
 * dtype that the key names; `big_` ones start at 0 and are big endian; the others are described where they
 * are tested. Each file is: its first bytes up to the header as hex, the header without its padding of spaces
 * and the newline, and the data as hex.
 */
const FILES: Record<string, [start: string, header: string, data: string]> = {
  f4: [
    "934e554d505901007600",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
    "000000c0000080bf000000000000803f0000004000004040",
  ],
  f8: [
    "934e554d505901007600",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }",
    "00000000000000c0000000000000f0bf0000000000000000000000000000f03f00000000000000400000000000000840",
  ],
  i1: ["934e554d505901007600", "{'descr': '|i1', 'fortran_order': False, 'shape': (2, 3), }", "feff00010203"],
  i2: [
    "934e554d505901007600",
    "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }",
    "feffffff0000010002000300",
  ],
  i4: [
    "934e554d505901007600",
    "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }",
    "feffffffffffffff00000000010000000200000003000000",
  ],
  i8: [
    "934e554d505901007600",
    "{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3), }",
    "feffffffffffffffffffffffffffffff0000000000000000010000000000000002000000000000000300000000000000",
  ],
  u1: ["934e554d505901007600", "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }", "000102030405"],
  u2: [
    "934e554d505901007600",
    "{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3), }",
    "000001000200030004000500",
  ],
  u4: [
    "934e554d505901007600",
    "{'descr': '<u4', 'fortran_order': False, 'shape': (2, 3), }",
    "000000000100000002000000030000000400000005000000",
  ],
  u8: [
    "934e554d505901007600",
    "{'descr': '<u8', 'fortran_order': False, 'shape': (2, 3), }",
    "000000000000000001000000000000000200000000000000030000000000000004000000000000000500000000000000",
  ],
  b1: ["934e554d505901007600", "{'descr': '|b1', 'fortran_order': False, 'shape': (2, 3), }", "010001000001"],
  big_f4: [
    "934e554d505901007600",
    "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }",
    "000000003f80000040000000404000004080000040a00000",
  ],
  big_i2: [
    "934e554d505901007600",
    "{'descr': '>i2', 'fortran_order': False, 'shape': (2, 3), }",
    "000000010002000300040005",
  ],
  big_i8: [
    "934e554d505901007600",
    "{'descr': '>i8', 'fortran_order': False, 'shape': (2, 3), }",
    "000000000000000000000000000000010000000000000002000000000000000300000000000000040000000000000005",
  ],
  big_u4: [
    "934e554d505901007600",
    "{'descr': '>u4', 'fortran_order': False, 'shape': (2, 3), }",
    "000000000000000100000002000000030000000400000005",
  ],
  big_f8: [
    "934e554d505901007600",
    "{'descr': '>f8', 'fortran_order': False, 'shape': (2, 3), }",
    "00000000000000003ff00000000000004000000000000000400800000000000040100000000000004014000000000000",
  ],
  fortran: [
    "934e554d505901007600",
    "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }",
    "00000000000040400000803f00008040000000400000a040",
  ],
  fortran3: [
    "934e554d505901007600",
    "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3, 4), }",
    "00000c00040010000800140001000d00050011000900150002000e00060012000a00160003000f00070013000b001700",
  ],
  scalar: ["934e554d505901007600", "{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "0000c03f"],
  empty: ["934e554d505901007600", "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3), }", ""],
  vector: [
    "934e554d505901007600",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
    "000000000000803f00000040",
  ],
  v2: [
    "934e554d5059020074000000",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
    "000000000000803f0000004000004040000080400000a040",
  ],
  v3: [
    "934e554d5059030074000000",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
    "000000000000803f0000004000004040000080400000a040",
  ],
  f2: [
    "934e554d505901007600",
    "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }",
    "0000003c0040004200440045",
  ],
  c8: [
    "934e554d505901007600",
    "{'descr': '<c8', 'fortran_order': False, 'shape': (2, 3), }",
    "00000000000000000000803f000000000000004000000000000040400000000000008040000000000000a04000000000",
  ],
  object_like: [
    "934e554d505901007600",
    "{'descr': [('a', '<i4'), ('b', '<f4')], 'fortran_order': False, 'shape': (1,), }",
    "0100000000000040",
  ],
};

/** The bytes of one of NumPy's files, by name. */
export function numpyFile(name: string): Uint8Array<ArrayBuffer> {
  const [start, header, data] = FILES[name];
  const before = Uint8Array.fromHex(start);
  const field = new DataView(before.buffer);
  const length = before[6] === 1 ? field.getUint16(8, true) : field.getUint32(8, true);
  const text = new TextEncoder().encode(header.padEnd(length - 1, " ") + "\n");
  return concat(before, text, Uint8Array.fromHex(data));
}

/** The names of all of them. */
export const numpyFiles: readonly string[] = Object.keys(FILES);

/** Bytes, one after the other. */
export function concat(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

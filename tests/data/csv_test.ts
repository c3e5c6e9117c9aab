import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type CsvOptions, parseCsv } from "../../src/data/csv.ts";
import { ArgumentError, FormatError } from "../../src/gpu/errors.ts";

const FLOWERS = "5.1,3.5,setosa\n7.0,3.2,versicolor\n4.9,3.0,setosa\n";

function table(text: string, options?: CsvOptions): unknown[] {
  const { features, labels, rows, columns, classes } = parseCsv(text, options);
  assertEquals(features.length, rows * columns);
  return [columns, classes, [...features], [...labels]];
}

Deno.test("csv: numbers and names, the label last", () => {
  const dataset = parseCsv(FLOWERS, { name: "flowers" });
  assertEquals([...dataset.features], [5.1, 3.5, 7, 3.2, 4.9, 3].map(Math.fround));
  assertEquals([[...dataset.labels], dataset.classNames], [[0, 1, 0], ["setosa", "versicolor"]]);
  assertEquals([dataset.name, dataset.rows, dataset.columns, dataset.classes], ["flowers", 3, 2, 2]);
});

Deno.test("csv: a header is seen, or told of", () => {
  const rows = [2, 2, [1, 2, 3, 4], [0, 1]];
  assertEquals(table("a,b,y\n1,2,0\n3,4,1"), rows);
  assertEquals(table("1,2,0\n3,4,1"), rows);
  assertEquals(table("0,1,2\n1,2,0\n3,4,1", { header: true }), rows);
  assertEquals(table("0,1,y\n1,2,0\n3,4,1", { label: "y" }), rows);
  assertThrows(() => parseCsv("a,b,y\n1,2,0\n", { header: false }), FormatError, "line 1, column 1");
  // A first row with a gap is a row with a gap, not a header.
  assertThrows(() => parseCsv("?,2,0\n3,4,1"), FormatError, `"?"`);
});

Deno.test("csv: the label's column by name or index", () => {
  const rows = [2, 2, [1, 2, 3, 4], [0, 1]];
  assertEquals(table("y,a,b\n0,1,2\n1,3,4", { label: "y" }), rows);
  assertEquals(table("y,a,b\n0,1,2\n1,3,4", { label: 0 }), rows);
  assertEquals(table("1,0,2\n3,1,4", { label: 1 }), rows);
  assertEquals(table("1,0,2\n3,1,4", { label: "1" }), rows);
  assertEquals(table("1,0,2\n3,1,4", { label: -2 }), rows);
  assertEquals(table("0,1,2\n1,0,2\n3,1,4", { label: "1", header: true }), rows);
  assertEquals(table("1,0,2\n1,0,2\n3,1,4", { label: "0", header: true }), rows);
  for (const label of ["z", 3, -4, 0.5, NaN, "", "1e0"]) {
    assertThrows(() => parseCsv("a,b,y\n1,2,0\n", { label }), ArgumentError, "no column");
  }
  assertThrows(() => parseCsv("a,a,b\n1,2,3\n", { label: "a" }), ArgumentError, "2 columns");
  assertThrows(
    () => parseCsv("a,b\n1,2\n", { label: "b", header: false }),
    ArgumentError,
    "without a header",
  );
});

Deno.test("csv: whole numbers keep their value, other labels are names", () => {
  assertEquals(table("1,3\n1,1"), [1, 4, [1, 1], [3, 1]]);
  assertEquals(table("1,1.0\n1,0.0"), [1, 2, [1, 1], [1, 0]]);
  assertEquals(parseCsv("1,3\n1,1").classNames, undefined);
  assertEquals(parseCsv("1,1\n1,-1").classNames, ["1", "-1"]);
  assertEquals(parseCsv("1,0\n1,1.5").classNames, ["0", "1.5"]);
  assertEquals(parseCsv("1,__proto__\n1,constructor").classNames, ["__proto__", "constructor"]);
  assertThrows(
    () => parseCsv("1,0\n1,65536"),
    FormatError,
    `line 2, column 2 of the CSV is the label "65536"`,
  );
  assertThrows(() => parseCsv("1,a\n1, "), FormatError, "line 2, column 2 of the CSV is an empty label");
});

Deno.test("csv: quotes, line endings, blanks, empty lines, a byte order mark, another delimiter", () => {
  const rows = [2, 2, [1, 2, 3, 4], [0, 1]];
  assertEquals(table('\ufeff"1", 2 ,a\r\n\r\n3,"4","b"\r\n'), rows);
  assertEquals(table("1,2,a\r3,4,b"), rows);
  assertEquals(table("1;2;a\n3;4;b", { delimiter: ";" }), rows);
  assertEquals(parseCsv('1,"a, ""b""\nc"\n2,d').classNames, ['a, "b"\nc', "d"]);
});

Deno.test("csv: every way to write a decimal number", () => {
  const cells = ["1", "-1", "+1", "1.", ".5", "1e3", "1E-3", "-0", "00012.50"];
  const { features } = parseCsv(cells.join(",") + ",a");
  assertEquals([...features], cells.map(Number).map(Math.fround));
});

Deno.test("csv: what is no finite number is named by line and column", () => {
  for (const cell of ["", " ", "x", "NaN", "inf", "1e39", "0x10", "1_000", "1 2", "--1", "1,", "١"]) {
    const text = `1,2,a\n\n3,"${cell}",b\n`;
    assertThrows(() => parseCsv(text), FormatError, "line 3, column 2 of the CSV is");
  }
  const long = "1".repeat(200_000) + "x";
  const { message } = assertThrows(() => parseCsv(`1,2,a\n1,${long},b`), FormatError);
  assert(message.length < 300);
});

Deno.test("csv: refuses ragged rows, naming line and numbers", () => {
  assertThrows(
    () => parseCsv("1,2,a\n1,a\n"),
    FormatError,
    "line 2 of the CSV has 2 fields and the first has 3",
  );
  assertThrows(() => parseCsv("1,2,a\n\n\n1,2,3,a\n"), FormatError, "line 4 of the CSV has 4 fields");
});

Deno.test("csv: refuses a file without rows or without features", () => {
  for (const text of ["", "\n\n", "\ufeff"]) assertThrows(() => parseCsv(text), FormatError, "empty");
  assertThrows(() => parseCsv("a,b,y\n"), FormatError, "no rows");
  assertThrows(() => parseCsv("1\n2\n"), FormatError, "one field only");
});

Deno.test("csv: refuses broken quoting in one line", () => {
  for (const text of ['1,"a\n2,b', '1,"a"b\n', '1"2,a\n']) {
    const { message } = assertThrows(() => parseCsv(text), FormatError);
    assertStringIncludes(message, "malformed");
    assert(!message.includes("\n"));
  }
  assertThrows(() => parseCsv("1,a", { delimiter: "" }), ArgumentError, "separate");
});

Deno.test("csv: any table survives, quoted or not", () => {
  const value = fc.float({ noNaN: true, noDefaultInfinity: true });
  const rows = fc.integer({ min: 1, max: 4 }).chain((columns) =>
    fc.array(fc.tuple(fc.array(value, { minLength: columns, maxLength: columns }), fc.nat(9)), {
      minLength: 1,
      maxLength: 8,
    })
  );
  fc.assert(fc.property(rows, fc.boolean(), (rows, quoted) => {
    const cell = (x: number) => quoted ? `"${x}"` : `${x}`;
    const text = rows.map(([values, label]) => [...values, label].map(cell).join(",")).join("\n");
    const dataset = parseCsv(text, { header: false });
    assertEquals([...dataset.features], rows.flatMap(([values]) => values.map((x) => x === 0 ? 0 : x)));
    assertEquals([...dataset.labels], rows.map(([, label]) => label));
  }));
});

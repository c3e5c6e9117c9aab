import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { assertWritable, naming, readBytes, readText, writeWhole } from "../../src/cli/files.ts";
import { FileError, FormatError, InputError, ShapeError } from "../../src/gpu/errors.ts";
import { temporaryFolder } from "./run.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("writeWhole: the chunks in order, in the place of the old file", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  for (const chunks of [["old content, longer"], ["new", "", " file"], []]) {
    await writeWhole(path, chunks.map(bytes));
    assertEquals(await readText(path), chunks.join(""));
  }
  assertEquals(folder.list(), ["file"]);
});

Deno.test("writeWhole: when it fails midway the old file stays and no other is left", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  await Deno.writeTextFile(path, "old");
  function* failing() {
    yield bytes("half of the new");
    throw new Error("the source ran dry");
  }
  await assertRejects(() => writeWhole(path, failing()), FileError, "the source ran dry");
  assertEquals(await readText(path), "old");
  await assertRejects(() => writeWhole(join(path, "below"), []), FileError, "cannot write");
  await assertRejects(
    () => writeWhole(join(folder.path, "none", "file"), []),
    FileError,
    "no such file or folder",
  );
  Deno.mkdirSync(join(folder.path, "taken"));
  await assertRejects(() => writeWhole(join(folder.path, "taken"), [bytes("x")]), FileError, "cannot write");
  assertEquals(folder.list(), ["file", "taken"]);
});

Deno.test("writeWhole: of several at once one wins, whole", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  const contents = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(100_000));
  await Promise.all(contents.map((text) => writeWhole(path, [text.slice(0, 7), text.slice(7)].map(bytes))));
  assert(contents.includes(await readText(path)));
  assertEquals(folder.list(), ["file"]);
});

Deno.test("assertWritable leaves no trace, whether there is a file or not", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  await assertWritable(path);
  assertEquals(folder.list(), []);
  await Deno.writeTextFile(path, "old");
  await assertWritable(path);
  assertEquals([folder.list(), await readText(path)], [["file"], "old"]);
  await assertRejects(() => assertWritable(folder.path), FileError, "it is a folder");
});

Deno.test("reading: the path and the reason once, on one line", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  const missing = await assertRejects(() => readBytes(path), FileError);
  assertEquals(missing.message, `cannot read ${path}: no such file or folder; name a file that can be read`);
  const isFolder = await assertRejects(() => readBytes(folder.path), FileError);
  assertEquals(isFolder.message.split(folder.path).length, 2, isFolder.message);
  await Deno.writeFile(path, new Uint8Array([0x41, 0xff]));
  await assertRejects(() => readText(path), FileError, "no text in UTF-8");
});

Deno.test("naming: the path stands before what a parser finds, once, and errors of the program pass", () => {
  const failing = (path: string, problem: string) => () =>
    naming(path, () => {
      throw new ShapeError(problem, "mend it");
    });
  const message = (path: string, problem: string) => assertThrows(failing(path, problem), InputError).message;
  assertEquals(message("some/a.csv", "line 2 is empty"), "some/a.csv: line 2 is empty; mend it");
  assertEquals(message("some/a.csv", "a.csv: line 2 is empty"), "a.csv: line 2 is empty; mend it");
  // A name that the message happens to begin with is no name of the file.
  assertEquals(message("some/line", "line 2 is empty"), "some/line: line 2 is empty; mend it");
  assertEquals(naming("a", () => 7), 7);
  assertThrows(() => naming("a", () => JSON.parse("{")), SyntaxError);
  assertThrows(failing("a", "b"), FormatError);
});

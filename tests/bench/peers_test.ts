/**
 * How the other libraries' processes are asked. What they answer needs the libraries, which no test fetches.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { LineProcess } from "../../bench/peers/line_process.ts";
import { lackOf, taskOf } from "../../bench/peers/task.ts";
import { COLD_WORKLOADS } from "../../src/bench/cold_workloads.ts";
import { initGroup } from "../../src/bench/init.ts";
import { shapeGroups, squareGroups } from "../../src/bench/matmul.ts";
import { randomGroup } from "../../src/bench/random.ts";
import { scaleGroups, scaleSeries } from "../../src/bench/scale.ts";
import { trainingGroups } from "../../src/bench/training.ts";

const script = (text: string): LineProcess => new LineProcess(Deno.execPath(), ["eval", text]);

Deno.test("every workload but the plain write is a task for the other libraries", () => {
  const groups = [initGroup, randomGroup(), ...squareGroups(), ...shapeGroups(), ...trainingGroups()];
  const workloads = [...groups, ...scaleGroups(scaleSeries())].flatMap((group) => group.workloads);
  for (const { name } of [...workloads, ...COLD_WORKLOADS]) {
    assertEquals(taskOf(name) === undefined, name.startsWith("plain write"), name);
  }
  const train = { kind: "train", widths: [32, 32, 10], batch: 64 } as const;
  assertEquals(taskOf("train 32-32-10 batch 64"), { ...train, steps: 32 });
  assertEquals(taskOf("train 32-32-10 batch 64, 1 step"), { ...train, steps: 1 });
  assertEquals(lackOf(taskOf("train 32-32-10 batch 64")!), { lacks: "no training" });
});

Deno.test("a process is asked in turn, its errors are errors, and its end is told with the reason", async () => {
  const echo = script(`
    for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
      for (const line of text.trim().split("\\n")) {
        const question = JSON.parse(line);
        if (question === "end") { console.error("out of paper\\n"); Deno.exit(3); }
        console.log(JSON.stringify(question === "fail" ? { error: "cannot" } : { question }));
      }
    }`);
  assertEquals(await Promise.all([echo.ask(1), echo.ask([2])]), [{ question: 1 }, { question: [2] }]);
  await assertRejects(() => echo.ask("fail"), Error, "cannot");
  assertEquals([await echo.ask(3), echo.ended], [{ question: 3 }, false]);
  await assertRejects(() => echo.ask("end"), Error, "its process ended with status 3: out of paper");
  assertEquals(echo.ended, true);
  await assertRejects(() => echo.ask(4), Error, "its process ended");
  await echo.close();
});

Deno.test("a library that cannot be loaded is an answer with its error, and its process goes on", async () => {
  const serve = fromFileUrl(new URL("../../bench/peers/libraries/serve.ts", import.meta.url));
  const process = new LineProcess(Deno.execPath(), ["run", "-A", serve, "no_such_library.ts"]);
  for (let i = 0; i < 2; i++) {
    await assertRejects(() => process.ask({ open: {} }), Error, "no_such_library.ts");
  }
  await process.close();
});

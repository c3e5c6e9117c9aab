/**
 * The suite's own arithmetic: a test that failed, a process that crashed and one that ran nothing must each make it fail.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { closingCount, closingLine, errors, judged, sum } from "./closing.ts";

const WELL =
  "running 1 test from ./a_test.ts\na ... ok (1ms)\n\nok | 12 passed (3 steps) | 0 failed (3s)\n\n";
const BADLY = "\x1b[31mFAILED\x1b[0m | 11 passed | 1 failed | 2 ignored (1m3s)\n\nerror: Test failed\n";

Deno.test("closingCount: the closing line, in colour or not, with what it may leave out", () => {
  assertEquals(closingCount(WELL), { passed: 12, steps: 3, failed: 0, ignored: 0 });
  assertEquals(closingCount(BADLY), { passed: 11, steps: 0, failed: 1, ignored: 2 });
  assertEquals(closingCount("error: No test modules found\n"), undefined);
  assertEquals(closingCount("a test printed: ok | 5 passed | 0 failed"), undefined);
});

Deno.test("closingCount: a suite's line within a suite's output does not count, the last line does", () => {
  assertEquals(closingCount(`${WELL}ok | 1 passed | 0 failed (1s)\n`)?.passed, 1);
});

Deno.test("judged: a crash after the last test fails, and so does a process without a closing line", () => {
  assertEquals(judged({ code: 0, signal: null, output: WELL }).wrong, undefined);
  assertEquals(judged({ code: 1, signal: null, output: BADLY }), {
    count: { passed: 11, steps: 0, failed: 1, ignored: 2 },
  });
  const crash = judged({ code: 134, signal: "SIGABRT", output: WELL });
  assertEquals(crash.count.failed, 1);
  assertStringIncludes(crash.wrong!, "SIGABRT");
  const nothing = judged({ code: 1, signal: null, output: "error: Module not found\n" });
  assertEquals(nothing.count, { passed: 0, steps: 0, failed: 1, ignored: 0 });
  assertStringIncludes(nothing.wrong!, "status 1");
});

Deno.test("errors: what the tests' errors are, or the last lines of a process that had none", () => {
  const log =
    `a ... FAILED (1ms)\n\n\x1b[41m ERRORS \x1b[0m\n\na => ./a_test.ts:1:6\n\n FAILURES \n\n${BADLY}`;
  assertEquals(errors(log), log.slice(log.indexOf("\x1b[41m")).trim());
  const lines = Array.from({ length: 99 }, (_, i) => `line ${i}`);
  assertEquals(errors(lines.join("\n")), lines.slice(69).join("\n"));
});

Deno.test("closingLine: the sum in the words of `deno test`, so that it can be read back", () => {
  const total = sum([closingCount(WELL)!, closingCount(BADLY)!]);
  assertEquals(total, { passed: 23, steps: 3, failed: 1, ignored: 2 });
  assertEquals(closingLine(total, 63.2), "FAILED | 23 passed (3 steps) | 1 failed | 2 ignored (1m3s)");
  assertEquals(closingCount(closingLine(total, 63.2)), total);
  assertEquals(
    closingLine({ passed: 2, steps: 0, failed: 0, ignored: 0 }, 4),
    "ok | 2 passed | 0 failed (4s)",
  );
});

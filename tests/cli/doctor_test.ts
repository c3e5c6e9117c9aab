import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fanin, lines } from "./run.ts";

Deno.test("doctor --json: one document with every check, nothing else, exit status 0", async () => {
  const { code, stdout, stderr } = await fanin(["doctor", "--json"]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const report = JSON.parse(stdout);
  assertEquals(
    Object.keys(report).sort(),
    ["adapter", "checks", "features", "limits", "ok", "runtime", "software"],
  );
  assert(report.ok && report.adapter.length > 0 && report.limits.maxBufferSize > 0);
  assert(report.checks.length >= 5 && report.checks.every((check: { ok: boolean }) => check.ok));
});

Deno.test("doctor: names adapter and runtime, a line a check, and the outcome last", async () => {
  const { code, stdout, stderr } = await fanin(["doctor"]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const text = lines(stdout);
  assertMatch(text[0], /^adapter {2}\S/);
  assertStringIncludes(text[1], `Deno ${Deno.version.deno}`);
  assert(text.filter((line) => line.startsWith("ok ")).length >= 5);
  assertEquals(text.at(-1), "all checks passed");
});

Deno.test("doctor without an adapter: exit status 1, and one line that says what to install", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const env = {
    VK_DRIVER_FILES: "/nonexistent",
    VK_ICD_FILENAMES: "/nonexistent",
    DENO_WEBGPU_BACKEND: "vulkan",
  };
  for (const args of [["doctor"], ["doctor", "--json"]]) {
    const { code, stdout, stderr } = await fanin(args, { env });
    assertEquals({ code, stdout }, { code: 1, stdout: "" });
    assertMatch(stderr, /^error: no WebGPU adapter answers; install .*mesa-vulkan-drivers.*\n$/);
  }
});

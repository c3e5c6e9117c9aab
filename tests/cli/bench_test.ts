import { assert, assertAlmostEquals, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { byKernel, judge, type KernelShare, shares } from "../../src/bench/breakdown.ts";
import { type Contender, measure, type Outcome } from "../../src/bench/measure.ts";
import { runGroups } from "../../src/bench/run.ts";
import type { Runnable } from "../../src/bench/runnable.ts";
import type { Peer, Workload } from "../../src/bench/workload.ts";
import { bench } from "../../src/cli/bench.ts";
import { ArgumentError } from "../../src/gpu/errors.ts";
import { breakdownTable } from "../../src/report/bench_table.ts";
import { testGpu } from "../gpu_fixture.ts";
import { fanin, faninHere, lines, temporaryFolder } from "./run.ts";

Deno.test("bench --quick --json: one document with the documented keys, nothing else, exit status 0", async () => {
  const { code, stdout, stderr } = await fanin(["bench", "--quick", "--json", "--rounds", "2"]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const report = JSON.parse(stdout);
  assertEquals(Object.keys(report), ["adapter", "rounds", "rows", "errors"]);
  assertEquals(report.rows.length, 11);
  for (const row of report.rows) {
    assertEquals(Object.keys(row), [
      "workload",
      "unit",
      "fanin",
      "best",
      "peers",
      "ratio",
      "writes",
      "lacks",
    ]);
    const failed = report.errors.some((e: { workload: string }) => e.workload === row.workload);
    assert(failed ? row.fanin === null : row.fanin > 0, row.workload);
    assertEquals({ peers: row.peers, ratio: row.ratio }, { peers: {}, ratio: null });
  }
});

Deno.test("bench --breakdown --quick --json: every kernel of a step, with shares of 1 in all", async () => {
  const { code, stdout, stderr } = await fanin(["bench", "--breakdown", "--quick", "--json"]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const { breakdowns: [{ workload, step, rows, timestamps }] } = JSON.parse(stdout);
  assertEquals(workload, "train 784-512-256-10 batch 64");
  assert(step > 0 && ["none", "believable", "not believable"].includes(timestamps), `${step} ${timestamps}`);
  assertAlmostEquals(rows.reduce((sum: number, { share }: KernelShare) => sum + share, 0), 1, 1e-9);
  const names: string[] = rows.map(({ kernel }: KernelShare) => kernel);
  for (const part of ["matmul_", "_sgd", "gather_", "softmax_cross_entropy_grad"]) {
    assert(names.some((name) => name.includes(part)), `${part} is not among ${names}`);
  }
});

Deno.test("bench --memory --json: three trainings, whose parts add up", async () => {
  const { code, stdout, stderr } = await fanin(["bench", "--memory", "--json"]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const { trainings } = JSON.parse(stdout);
  assertEquals(trainings.length, 3);
  for (const { parts, bytes } of trainings) {
    assertEquals(parts.reduce((sum: number, part: { bytes: number }) => sum + part.bytes, 0), bytes);
  }
});

Deno.test("bench --cold --json: fresh processes, with the driver's shader cache off and warm", async () => {
  const args = ["bench", "--cold", "--only", "matmul", "--rounds", "1", "--json"];
  const { code, stdout, stderr } = await fanin(args);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const { starts, rows, errors } = JSON.parse(stdout);
  assertEquals([starts, errors], [1, []]);
  assertEquals(rows.map((row: { shaders: string }) => row.shaders), ["compiled", "cached"]);
  for (const row of rows) assert(row.fanin > 0 && row.ratio === null, JSON.stringify(row));
});

Deno.test("bench --scale --out: the rows, their times by size, and a page that draws them", async () => {
  await using folder = await temporaryFolder();
  const out = `${folder.path}/scale.html`;
  const args = ["bench", "--scale", "--quick", "--only", "matmul", "--rounds", "1", "--json", "--out", out];
  const { code, stdout } = await fanin(args);
  assertEquals(code, 0);
  const { rows, series } = JSON.parse(stdout);
  assertEquals([rows.length, series.length, series[0].points.length], [2, 1, 2]);
  assertMatch(
    await Deno.readTextFile(out),
    /<svg[^]*--scale --quick --only &#34;matmul&#34; --rounds 1 --out/,
  );
});

Deno.test("a breakdown: calls and times of a kernel add up; timestamps count where the clock bears them out", () => {
  const times = (factor: number) =>
    byKernel(
      [["a", 3], ["b", 0.5], ["a", 5], ["a", 3], ["b", 0.5], ["a", 5]].map(([kernel, ms]) => {
        return { kernel: `${kernel}`, seconds: factor * Number(ms) / 1000 };
      }),
      2,
    );
  const [a, b] = shares(times(1), times(1.5));
  assertEquals([a.kernel, a.calls, a.clock, a.timestamps], ["a", 2, 8, 12]);
  assertEquals([b.kernel, b.calls, b.clock, b.share], ["b", 1, 0.5, 0.5 / 8.5]);
  assertEquals(judge([a, b]), "believable");
  assertEquals(judge([a, { ...b, timestamps: 90 }]), "believable"); // too small a part to decide
  assertEquals(judge(shares(times(1), times(0.4))), "not believable");
  assertEquals(judge(shares(times(1))), "none");
  const text = breakdownTable({ workload: "work", step: 10, rows: [a, b], timestamps: "none" });
  assertMatch(text, /takes 10\.00 ms, its kernels one by one 8\.50 ms\n.*\na +2 +8\.000 +94\.1% +12\.000\n/);
  assertMatch(text, /no timestamps$/);
});

Deno.test("bench: --peers outside of the repository and wrong options end with one line and status 2", async () => {
  const cases: [string[], RegExp][] = [
    [["--peers"], /other libraries.*deno task bench --peers/],
    [["--rounds", "0"], /--rounds 0/],
    [["--rounds", "many"], /--rounds many/],
    [["--sizes"], /unknown option --sizes/],
    [["--only", "nothing"], /--only nothing names no workload.*matmul nn 512x512x512/],
    [["--cold", "--only", "nothing"], /--only nothing names no workload.*matmul nn 512x512x512/],
    [["--scale", "--memory"], /--memory and --scale: each measures something of its own/],
    [["--out", "report.html"], /--out report.html without --scale/],
    [["everything"], /unexpected argument "everything"/],
  ];
  for (const [args, text] of cases) {
    const { code, stdout, stderr } = await faninHere(["bench", ...args]);
    assertEquals({ code, stdout, lines: lines(stderr).length }, { code: 2, stdout: "", lines: 1 });
    assertMatch(stderr, text);
  }
});

Deno.test("bench: --peers is refused where there is nothing of theirs to measure", async () => {
  for (const kind of ["memory", "breakdown"]) {
    const error = await assertRejects(() => bench(["--peers", `--${kind}`], []), ArgumentError);
    assertMatch(error.message, new RegExp(`^--peers with --${kind}: .*leave one of them out`));
  }
});

Deno.test("a time that does not grow with the work is refused, an error is kept, the others are measured", async () => {
  const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const turns: string[] = [];
  const contender = (name: string, run: (repetitions: number) => Promise<void>): Contender => ({
    name,
    run: (repetitions) => {
      turns.push(name);
      return run(repetitions);
    },
  });
  const [honest, lazy, broken] = await measure([
    contender("honest", (repetitions) => wait(20 * repetitions)),
    contender("lazy", () => wait(20)),
    contender("broken", () => Promise.reject(new Error("no such thing"))),
  ], { rounds: 3, seconds: 0.015 });
  assert("median" in honest, JSON.stringify(honest));
  assertAlmostEquals(honest.median, 0.02, 0.01);
  assertEquals(honest.seconds.length, 3);
  assertMatch(
    errorOf(lazy),
    /^not believable: 2 repetitions take [\d.]+ times as long as 1, where 2 is expected$/,
  );
  assertEquals(errorOf(broken), "no such thing");
  assertEquals(turns.slice(-8).join(" "), "honest honest lazy lazy honest honest lazy lazy");
});

Deno.test("a row: the ratio is over the fastest WebGPU peer that ran; a failed peer is null, with its error", async () => {
  const lasting = (ms: number): Runnable => ({
    run: (repetitions) => new Promise((resolve) => setTimeout(() => resolve(undefined), ms * repetitions)),
    [Symbol.dispose]: () => {},
  });
  const peer = (name: string, webgpu: boolean, open: Peer["open"]): Peer => ({
    name,
    webgpu,
    open,
    cold: () => Promise.resolve(undefined),
  });
  const work: Workload = {
    name: "work",
    unit: "things/s",
    amount: 10,
    open: () => Promise.resolve(lasting(20)),
  };
  const { rows: [row], errors } = await runGroups(
    await testGpu(),
    [{ workloads: [work], relative: false }],
    [
      peer("slow", true, () => Promise.resolve(lasting(80))),
      peer("slower", true, () => Promise.resolve(lasting(120))),
      peer("wasm", false, () => Promise.resolve(lasting(20))),
      peer("broken", true, () => Promise.reject(new Error("does not load"))),
      peer("unable", true, () => Promise.resolve({ lacks: "no work" })),
      peer("not asked", true, () => Promise.resolve(undefined)),
    ],
    { rounds: 2, seconds: 0.015 },
  );
  assertEquals(Object.keys(row.peers), ["slow", "slower", "wasm", "broken"]);
  assertEquals(row.peers.broken, null);
  assertEquals(row.lacks, { unable: "no work" });
  const failure = { workload: "work", name: "broken", error: "does not load", disbelieved: false };
  assertEquals(errors, [failure]);
  assertEquals(row.ratio, row.fanin! / row.peers.slow!);
  assertAlmostEquals(row.ratio!, 4, 1);
});

function errorOf(outcome: Outcome): string {
  assert("error" in outcome, JSON.stringify(outcome));
  return outcome.error;
}

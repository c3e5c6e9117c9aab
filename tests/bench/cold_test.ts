import { assertEquals, assertMatch } from "@std/assert";
import { type ColdSide, measureCold, type ShaderCache } from "../../src/bench/cold.ts";
import { COLD_WORKLOADS } from "../../src/bench/cold_workloads.ts";
import type { ColdRun, Lack } from "../../src/bench/runnable.ts";
import { coldTable } from "../../src/report/cold_table.ts";

const CACHES: ShaderCache[] = [
  { shaders: "compiled", env: { CACHE: "off" } },
  { shaders: "cached", env: { CACHE: "on" } },
];

/** A side that answers with some runs in turn; it notes the variables that it is given. */
function side(name: string, webgpu: boolean, answer: (start: number) => ColdRun | Lack): ColdSide & {
  seen: string[];
} {
  const seen: string[] = [];
  return {
    name,
    webgpu,
    seen,
    cold(_workload, env) {
      seen.push(env.CACHE);
      return Promise.resolve().then(() => answer(seen.length));
    },
  };
}

Deno.test("a cold start: the first of each does not count, the others' median does, with each state of the cache", async () => {
  const times = [9, 0.1, 0.3, 0.2, 9, 0.05, 0.04, 0.06];
  const own = side("fanin", true, (start) => ({ seconds: times[start - 1], value: 2 }));
  const peers = [
    side("slow", true, () => ({ seconds: 0.5, value: 2.0001 })),
    side("slower", true, () => ({ seconds: 1, value: 2 })),
    side("wasm", false, () => ({ seconds: 0.01, value: 2 })),
    side("other", true, () => ({ seconds: 0.01, value: 3 })),
    side("broken", true, () => {
      throw new Error("does not load");
    }),
    side("unable", true, () => ({ lacks: "no training" })),
  ];
  const report = await measureCold(own, peers, ["train"], CACHES, { starts: 3 });
  assertEquals(own.seen, [..."1234"].map(() => "off").concat([..."1234"].map(() => "on")));
  assertEquals(peers[4].seen, ["off", "on"]); // what failed once is not tried again
  assertEquals(report.rows.map(({ fanin, ratio }) => [fanin, ratio]), [[200, 2.5], [50, 10]]);
  const [{ peers: figures, lacks }] = report.rows;
  assertEquals(figures, { slow: 500, slower: 1000, wasm: 10, other: null, broken: null });
  assertEquals(lacks, { unable: "no training" });
  assertEquals(report.errors.slice(0, 2), [
    { workload: "train, shaders compiled", name: "other", error: "not the same work: it read 3 and fanin 2" },
    { workload: "train, shaders compiled", name: "broken", error: "does not load" },
  ]);
  const text = coldTable(report);
  assertMatch(text, /medians of 3 starts/);
  assertMatch(text, /train +compiled +200 +500 +1000 +10\.0 +failed +failed +no training +2\.50\n/);
  assertMatch(text, /train, shaders cached, broken: does not load$/);
});

Deno.test("a cold start's workload is called what it is", async () => {
  for (const { name, load } of COLD_WORKLOADS) assertEquals((await load()).name, name);
});

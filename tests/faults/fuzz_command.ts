/**
 * The command line with arguments that nobody should give: `deno run -A tests/faults/fuzz_command.ts [cases]`, 100,000 unless given.
 *
 * Every case must end with exit status 0, or with 1 or 2 and one line that names the cause. It runs where no adapter answers, so that what
 * is right by chance ends early, and in a folder of its own.
 *
 * @module
 */
import * as fc from "fast-check";
import { faninHere, lines, temporaryFolder } from "../cli/run.ts";

/** Commands as they should be; each is right but for the adapter. */
const COMMANDS = [
  ["init", "--shape", "3,4", "--init", "kaiming_uniform", "--seed", "1", "--out", "w.safetensors"],
  ["init", "--layers", "3,4,2", "--init", "normal:0.1", "--generator", "mt19937", "--out", "w.npy"],
  ["init", "--shape", "8,8", "--range", "3:9", "--generator", "threefry", "--out", "w.npy"],
  ["train", "--data", "iris", "--layers", "4,5,3", "--lr", "0.1", "--epochs", "1", "--batch", "50", "--json"],
  [
    "train",
    "--csv",
    "data.csv",
    "--optimizer",
    "adamw",
    "--weight-decay",
    "0.1",
    "--no-shuffle",
    "--init",
    "ones",
  ],
  [
    "train",
    "--data",
    "iris",
    "--out",
    "c.safetensors",
    "--checkpoint-every",
    "2",
    "--resume",
    "--retries",
    "1",
  ],
  ["compare", "--data", "iris", "--inits", "zeros,normal:1", "--epochs", "1", "--out", "report.html"],
  ["diagnose", "--layers", "4,5,3", "--init", "torch_linear", "--seed", "3", "--json"],
  ["diagnose", "w.safetensors", "--out", "r.html"],
  ["bits", "--generator", "threefry", "--seed", "7", "--start", "3", "--bytes", "64"],
  ["doctor", "--json"],
  ["bench", "--quick", "--rounds", "1"],
];

/** What an argument may be replaced by. No path leads to a file that exists. */
const HOSTILE = [
  ...[
    "",
    " ",
    "-",
    "--",
    "---",
    "-1",
    "-0",
    "0",
    "1.5",
    "1e3",
    "1e999",
    "NaN",
    "Infinity",
    "0x10",
    "007",
    "١٢",
  ],
  ...[
    "9007199254740993",
    "18446744073709551616",
    "9".repeat(400),
    "-9".repeat(50),
    "1,",
    ",",
    ",,1",
    "1,,2",
    "4,5",
    "3:1",
    ":",
  ],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "--__proto__",
    "--constructor=1",
    "--json=false",
    "--no-json",
    "--no-epochs",
  ],
  ...[
    "normal:",
    "normal:x",
    "normal:1,2,3",
    "uniform:1,0",
    "uniform:std=1",
    "kaiming_uniform:mode=x",
    "Zeros",
    "zeros,zeros",
  ],
  ...[
    "/nonexistent/folder/x.npy",
    "..",
    ".",
    "/",
    "x\u0000y",
    "a\nb",
    "\u001b[31m",
    "é💥",
    "\u202e",
    "x".repeat(10_000),
  ],
  ...[
    "--layers",
    "--seed",
    "--out",
    "--help",
    "--verbose",
    "-h",
    "--lr=",
    "--lr=0.1",
    "--batch=0",
    "--unknown",
    "extra",
  ],
];

/** A command with one to three changes. */
const hostileCommand: fc.Arbitrary<string[]> = fc.record({
  args: fc.constantFrom(...COMMANDS),
  edits: fc.array(
    fc.record({
      kind: fc.constantFrom("replace", "insert", "remove", "repeat"),
      at: fc.noBias(fc.nat(1000)),
      by: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...HOSTILE) }, {
        weight: 1,
        arbitrary: fc.string(),
      }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
}).map(({ args, edits }) => edits.reduce(edited, args));

function edited(args: string[], { kind, at, by }: { kind: string; at: number; by: string }): string[] {
  const i = at % (args.length + 1), before = args.slice(0, i);
  if (kind === "replace") return [...before, by, ...args.slice(i + 1)];
  if (kind === "insert") return [...before, by, ...args.slice(i)];
  if (kind === "remove") return [...before, ...args.slice(i + 1)];
  return [...before, ...args.slice(i, i + 2), ...args.slice(i)];
}

/** How many cases ended with each exit status, and the longest in milliseconds. */
export interface FuzzedCommands {
  statuses: Record<number, number>;
  slowest: number;
}

/**
 * Runs them.
 *
 * @param cases How many.
 * @param seed Of the cases.
 * @throws `Error` where one ends otherwise than it may.
 */
export async function fuzzCommands(cases: number, seed: number): Promise<FuzzedCommands> {
  await using folder = await temporaryFolder();
  const result: FuzzedCommands = { statuses: { 0: 0, 1: 0, 2: 0 }, slowest: 0 };
  const cwd = Deno.cwd(), adapter = Object.getOwnPropertyDescriptor(Navigator.prototype, "gpu")!;
  Deno.chdir(folder.path);
  Deno.writeTextFileSync("data.csv", "a,b,y\n1,2,0\n3,4,1\n");
  Object.defineProperty(Navigator.prototype, "gpu", { get: () => undefined, configurable: true });
  try {
    for (let done = 0; done < cases; done += 1000) {
      const numRuns = Math.min(1000, cases - done);
      for (const args of fc.sample(hostileCommand, { numRuns, seed: seed + done })) await one(args, result);
    }
  } finally {
    Object.defineProperty(Navigator.prototype, "gpu", adapter);
    Deno.chdir(cwd);
  }
  return result;
}

async function one(args: string[], result: FuzzedCommands): Promise<void> {
  const began = performance.now();
  const { code, stderr } = await faninHere(args);
  result.slowest = Math.max(result.slowest, performance.now() - began);
  result.statuses[code]++;
  const errors = lines(stderr).filter((line) => line.startsWith("error: ")),
    last = lines(stderr).at(-1) ?? "";
  const said = code === 0
    ? errors.length === 0
    : args.includes("--verbose") || errors.length === 1 && errors[0] === last;
  // deno-lint-ignore no-control-regex -- what a terminal would obey
  if (!said || /not foreseen|[\u0000-\u0009\u000b-\u001f]/.test(stderr)) {
    // A list of commands for no command is no error line.
    if (code === 2 && args.length === 0) return;
    throw new Error(`${JSON.stringify(args).slice(0, 500)} ended with ${code}: ${stderr.slice(0, 2000)}`);
  }
}

if (import.meta.main) {
  const cases = Number(Deno.args[0] ?? 100_000);
  const { statuses, slowest } = await fuzzCommands(cases, 1);
  const each = Object.entries(statuses).map(([status, count]) => `${count} with status ${status}`).join(", ");
  console.log(`command line: ${cases} cases ended, ${each}; slowest ${slowest.toFixed(0)} ms`);
}

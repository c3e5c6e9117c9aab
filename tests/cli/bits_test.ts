import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { drawOnHost, type Key, key } from "../../src/random/mod.ts";
import { faninHere } from "./run.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** `fanin` for a shell, as a user runs it. */
const FANIN = [
  Deno.execPath(),
  "run",
  "-A",
  "--config",
  join(ROOT, "deno.json"),
  join(ROOT, "src/cli/main.ts"),
];

/** What a shell that has run a command line left behind. */
interface Outcome {
  code: number;
  stdout: Uint8Array;
  stderr: string;
}

/** Runs a command line; `$fanin` in it is the command. */
async function shell(line: string): Promise<Outcome> {
  const fanin = FANIN.map((part) => `'${part}'`).join(" ");
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", `set -o pipefail; fanin() { ${fanin} "$@"; }; ${line}`],
    stdin: "null",
  }).output();
  return { code, stdout, stderr: new TextDecoder().decode(stderr) };
}

/** Bytes of a stream by the host twin. */
function hostBytes(stream: Key, start: bigint, bytes: number): Uint8Array {
  const words = drawOnHost(stream, { kind: "bits" }, { start, count: Math.ceil(bytes / 4) });
  const out = new DataView(new ArrayBuffer(4 * words.length));
  words.forEach((word, i) => out.setUint32(4 * i, word, true));
  return new Uint8Array(out.buffer, 0, bytes);
}

/** SHA-256: a difference in megabytes is not to be printed. */
async function digest(bytes: Uint8Array): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice()));
  return `${bytes.length} bytes ${hash.toHex()}`;
}

const CASES: Record<string, { args: string; stream: Key; start: bigint; bytes: number }> = {
  "no option but the size": { args: "--bytes 4096", stream: key(0), start: 0n, bytes: 4096 },
  "seed, stream and generator": {
    args: "--generator threefry --seed 7 --stream 0.weight --bytes 4099",
    stream: key(7, "threefry").stream("0.weight"),
    start: 0n,
    bytes: 4099,
  },
  "a start inside a block, a size inside a word": {
    args: "--seed -1 --start 5 --bytes 1001",
    stream: key(-1),
    start: 5n,
    bytes: 1001,
  },
  "the end of the stream, without a size": {
    args: `--seed 18446744073709551615 --start ${2n ** 66n - 10n}`,
    stream: key(2n ** 64n - 1n),
    start: 2n ** 66n - 10n,
    bytes: 40,
  },
  "the end of Threefry's stream": {
    args: `--generator threefry --start ${2n ** 64n - 10n}`,
    stream: key(0, "threefry"),
    start: 2n ** 64n - 10n,
    bytes: 40,
  },
  "nothing": { args: "--bytes 0", stream: key(0), start: 0n, bytes: 0 },
};

for (const [name, { args, stream, start, bytes }] of Object.entries(CASES)) {
  Deno.test(`bits writes the host twin's bytes: ${name}`, async () => {
    const { code, stdout, stderr } = await shell(`fanin bits ${args}`);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertEquals(await digest(stdout), await digest(hostBytes(stream, start, bytes)));
  });
}

Deno.test("bits goes on past a chunk as if there were none", async () => {
  const chunk = 2 ** 24, bytes = chunk + 2 ** 12;
  const whole = await shell(`fanin bits --seed 3 --bytes ${bytes} | tail -c 8192`);
  assertEquals({ code: whole.code, stderr: whole.stderr }, { code: 0, stderr: "" });
  const expected = hostBytes(key(3), BigInt(bytes - 8192) / 4n, 8192);
  assertEquals(await digest(whole.stdout), await digest(expected));
});

Deno.test("bits ends with exit status 0, in silence, when the reader has had enough", async () => {
  for (const bytes of [1, 100000]) {
    const { code, stdout, stderr } = await shell(`fanin bits --seed 1 | head -c ${bytes}`);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertEquals(await digest(stdout), await digest(hostBytes(key(1), 0n, bytes)));
  }
});

Deno.test(
  "bits to a full device: exit status 2, one line",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    const { code, stderr } = await shell("fanin bits --bytes 100 > /dev/full");
    assertEquals(code, 2);
    assertEquals(
      stderr,
      "error: cannot write to standard output: No space left on device; make room there, or write elsewhere\n",
    );
  },
);

Deno.test(
  "bits to a terminal: exit status 2, one line, not one byte",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    // script(1) gives its command a terminal, and its own exit status is the command's.
    const script = FANIN.map((part) => `"${part}"`).join(" ");
    const { code, stdout } = await shell(`script -qec '${script} bits --bytes 4' /dev/null`);
    assertEquals(code, 2);
    const text = new TextDecoder().decode(stdout);
    assertStringIncludes(text, "error: standard output is a terminal");
    assertStringIncludes(text, "fanin bits | ");
  },
);

const WRONG: [args: string[], cause: string, remedy: string][] = [
  [["--generator", "mt19937"], '"mt19937"', "philox or threefry"],
  [["--generator", "threefry_original"], '"threefry_original"', "philox or threefry"],
  [["--seed", "x"], "--seed x", "64 bits"],
  [["--start", "-1"], "--start -1", "to 73786976294838206463"],
  [["--start", "1.5"], "--start 1.5", "to 73786976294838206463"],
  [["--start", String(2n ** 66n)], "--start 73786976294838206464", "to 73786976294838206463"],
  [["--start", String(2n ** 66n - 1n), "--bytes", "5"], "5 bytes", "4 or fewer"],
  [["--generator", "threefry", "--start", String(2n ** 64n)], "--start 18446744073709551616", "551615"],
  [["--bytes", "-1"], "--bytes -1", "from 0 on"],
  [["--bytes", "1k"], "--bytes 1k", "whole number"],
  [["--json"], "--json", "--bytes"],
  [["more"], '"more"', "--"],
];

for (const [args, cause, remedy] of WRONG) {
  Deno.test(`bits ${args.join(" ")}: exit status 2, one line with the cause and the remedy`, async () => {
    const { code, stdout, stderr } = await faninHere(["bits", ...args]);
    assertEquals({ code, stdout, lines: stderr.split("\n").length }, { code: 2, stdout: "", lines: 2 });
    assertStringIncludes(stderr, cause);
    assertStringIncludes(stderr, remedy);
  });
}

Deno.test("bits --help lists its options", async () => {
  const { code, stdout, stderr } = await faninHere(["bits", "--help"]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  for (const option of ["--generator", "--seed", "--stream", "--start", "--bytes"]) {
    assertStringIncludes(stdout, `\n  ${option} `);
  }
});

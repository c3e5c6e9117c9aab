import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { VERSION } from "../../src/version.ts";
import { faninHere, lines } from "./run.ts";

Deno.test("help lists the commands; without a command it goes to standard error, with exit status 2", async () => {
  for (const [args, status] of [[["--help"], 0], [["-h"], 0], [["help"], 0], [[], 2]] as const) {
    const { code, stdout, stderr } = await faninHere(args);
    assertEquals(code, status);
    const [said, silent] = status === 0 ? [stdout, stderr] : [stderr, stdout];
    for (const word of ["usage: fanin COMMAND", "compare", "train", "doctor"]) {
      assertStringIncludes(said, word);
    }
    assertEquals(silent, "");
  }
});

Deno.test("the version is said", async () => {
  for (const name of ["version", "--version", "-V"]) {
    assertEquals(await faninHere([name]), { code: 0, stdout: `${VERSION}\n`, stderr: "" });
  }
});

Deno.test("-h is --help", async () => {
  assertEquals(await faninHere(["doctor", "-h"]), await faninHere(["doctor", "--help"]));
});

for (const command of ["compare", "diagnose", "train", "init", "doctor"]) {
  Deno.test(`${command} --help says what it does, and every option in a line of its own`, async () => {
    const { code, stdout, stderr } = await faninHere([command, "--help"]);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const [usage, blank, summary, , ...options] = lines(stdout);
    assert(usage.startsWith(`usage: fanin ${command} `), usage);
    assertEquals(blank, "");
    assert(summary.endsWith("."));
    for (const line of options) assert(/^ {2}--[a-z-]+( \S+)? {2,}\S/.test(line), line);
    for (const name of ["--json", "--verbose", "--help"]) assertStringIncludes(stdout, `\n  ${name} `);
    assertEquals(
      stdout.includes("--no-shuffle"),
      ["compare", "train"].includes(command),
      "what is on by default is shown as its opposite",
    );
  });
}

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { lines, temporaryFolder } from "./run.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** The commands of SECURITY.md, each with the permissions that it says are enough. */
const rows = [
  ...Deno.readTextFileSync(join(ROOT, "SECURITY.md")).matchAll(
    /^\| `fanin ([^`]+)` +\| (none|`([^`]+)`) +\|$/gm,
  ),
]
  .map(([, command, , permissions = ""]) => ({
    command,
    permissions: permissions.split(" ").filter(Boolean),
  }));

/** Runs `fanin COMMAND` with these permissions and no others; what would ask for more fails. */
async function runWith(permissions: readonly string[], command: string, cwd: string) {
  const args = [
    "run",
    "--no-prompt",
    ...permissions,
    "--config",
    join(ROOT, "deno.json"),
    join(ROOT, "src/cli/main.ts"),
  ];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args, ...command.split(" ")],
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("every command runs with the permissions that SECURITY.md states", async () => {
  await using folder = await temporaryFolder();
  const commands = new Set(rows.map(({ command }) => command.split(" ")[0]));
  assertEquals([...commands].sort(), ["bench", "bits", "compare", "diagnose", "doctor", "init", "train"]);
  for (const { command, permissions } of rows) {
    const { code, stderr } = await runWith(permissions, command, folder.path);
    assertEquals(code, 0, `fanin ${command} with ${permissions}: ${stderr}`);
  }
  assertEquals(folder.list(), ["c.safetensors", "r.html", "report.html", "w.safetensors"]);
});

Deno.test("a permission that is missing is named in one line, and nothing is written", async () => {
  await using folder = await temporaryFolder();
  for (
    const [permissions, command, missing] of [
      [[], "init --shape 3,4 --out w.npy", "--allow-read"],
      [["--allow-read=."], "init --shape 3,4 --out w.npy", "--allow-write"],
      [[], "diagnose w.safetensors", "--allow-read"],
      [[], "train --csv data.csv", "--allow-read"],
      [["--allow-read=."], "compare --data iris --epochs 1 --inits zeros", "--allow-write"],
    ] as const
  ) {
    const { code, stderr } = await runWith(permissions, command, folder.path);
    const said = lines(stderr).filter((line) => !line.includes("XDG_RUNTIME_DIR"));
    assertEquals([code, said.length], [2, 1], `${command}: ${stderr}`);
    assert(said[0].startsWith("error: cannot ") && said[0].includes(missing), said[0]);
  }
  assertEquals(folder.list(), []);
});

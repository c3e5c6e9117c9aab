/**
 * Ways to run the command in a test: as a process of its own, or, where that is the same and quicker, in this one.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { main } from "../../src/cli/main.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** What a command that has ended left behind. */
export interface Outcome {
  /** Its exit status. */
  code: number;
  /** Its standard output. */
  stdout: string;
  /** Its standard error. */
  stderr: string;
}

/**
 * Runs `fanin ARGS` as a user does.
 *
 * @param args The command and its arguments.
 * @param where Further environment variables, and the folder to run in.
 */
export async function fanin(
  args: readonly string[],
  where: { env?: Record<string, string>; cwd?: string } = {},
): Promise<Outcome> {
  const command = new Deno.Command(Deno.execPath(), {
    // Quiet: what Deno downloads on the first run of a machine is not the command's to say.
    args: [
      "run",
      "--quiet",
      "-A",
      "--config",
      join(ROOT, "deno.json"),
      join(ROOT, "src/cli/main.ts"),
      ...args,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...where,
  });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Runs `fanin ARGS` in this process. What a progress bar writes is not caught. */
export async function faninHere(args: readonly string[]): Promise<Outcome> {
  const { log, error } = console, said = { stdout: "", stderr: "" };
  console.log = (text: string) => said.stdout += `${text}\n`;
  console.error = (text: string) => said.stderr += `${text}\n`;
  try {
    return { code: await main([...args]), ...said };
  } finally {
    Object.assign(console, { log, error });
  }
}

/** A new empty folder that is removed at the end of its scope. */
export async function temporaryFolder(): Promise<AsyncDisposable & { path: string; list(): string[] }> {
  const path = await Deno.makeTempDir({ prefix: "fanin-test-" });
  return {
    path,
    list: () => [...Deno.readDirSync(path)].map((entry) => entry.name).sort(),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** The lines of a text, without the last newline. */
export function lines(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/**
 * Finds PyTorch for `pytorch.py`.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { LineProcess } from "./line_process.ts";

/** Where Python may be: the first, the distribution's own. */
const PYTHONS = ["python3", "/usr/bin/python3"];

/**
 * PyTorch's process.
 *
 * @param env Further environment variables.
 * @throws {Error} when no Python has PyTorch.
 */
export async function startPytorch(env: Record<string, string>): Promise<LineProcess> {
  return new LineProcess(await findPython(), [fromFileUrl(new URL("pytorch.py", import.meta.url))], env);
}

/** The first Python that has PyTorch. */
async function findPython(): Promise<string> {
  const script = "import importlib.util as u; raise SystemExit(u.find_spec('torch') is None)";
  for (const python of PYTHONS) {
    try {
      const args = ["-c", script], quiet = { stdout: "null", stderr: "null" } as const;
      if ((await new Deno.Command(python, { args, ...quiet }).output()).success) return python;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(`no PyTorch: ${PYTHONS.join(" and ")} lack it; apt-get install python3-torch`);
}

/**
 * Keeps graphics drivers from talking into a command's output.
 *
 * @module
 */

/**
 * Gives `XDG_RUNTIME_DIR` a value where it has no usable one. On a machine without a desktop the drivers otherwise print
 * `error: XDG_RUNTIME_DIR is invalid or not set in the environment.`, twice, on standard error.
 *
 * It is to be called before the process first asks for an adapter: that is when the drivers read the environment.
 */
export function quietDriver(): void {
  if (Deno.build.os !== "linux") return;
  try {
    if (!isFolder(Deno.env.get("XDG_RUNTIME_DIR"))) Deno.env.set("XDG_RUNTIME_DIR", temporaryFolder());
  } catch (error) {
    // Without the permission to read the environment or the disk, two superfluous lines do no harm.
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
  }
}

/** A folder that exists: the drivers only look for a desktop's socket in it, and find none. */
function temporaryFolder(): string {
  return [Deno.env.get("TMPDIR"), "/tmp", "/"].find(isFolder) ?? "/";
}

function isFolder(path: string | undefined): path is string {
  if (!path) return false;
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return false;
  }
}

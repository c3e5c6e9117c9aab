/**
 * What `deno task setup` does on which machine, without touching this one.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { prepareDriver } from "../../src/cli/driver_environment.ts";
import type { FoundAdapter } from "../../src/cli/probe.ts";
import { type Host, isDebianLike, type Machine, setup, setupPlan } from "../../src/cli/setup.ts";
import { NoAdapterError } from "../../src/gpu/errors.ts";

const DEBIAN_ROOT: Machine = { adapter: "none", os: "linux", isDebian: true, hasApt: true, isRoot: true };

const LAVAPIPE: FoundAdapter = { name: "llvmpipe", by: "Vulkan", software: true };
const BY_OPENGL: FoundAdapter = { ...LAVAPIPE, by: "OpenGL" };

/** A machine that is only described: `adapters` are the answers to the successive questions. */
function fakeHost(adapters: (FoundAdapter | null)[], changes: Partial<Machine & { aptFails: boolean }> = {}) {
  const said: string[] = [];
  const ran: string[] = [];
  const host: Host = {
    adapter: () => Promise.resolve(adapters.shift() ?? null),
    facts: () => ({ ...DEBIAN_ROOT, ...changes }),
    env: (name) => name === "VK_DRIVER_FILES" ? "/missing.json" : undefined,
    run: (program, args) => {
      ran.push([program, ...args].join(" "));
      return Promise.resolve({ success: !changes.aptFails, output: `output of ${args[0]}\n` });
    },
    say: (text) => said.push(text),
  };
  return { host, said, ran };
}

Deno.test("setup: with an adapter there is nothing to do, on any machine", () => {
  for (const os of ["linux", "darwin", "windows"] as const) {
    assertEquals(setupPlan({ ...DEBIAN_ROOT, os, isRoot: false, adapter: "good" }), { do: "nothing" });
  }
});

Deno.test("setup: root on Debian installs", () => {
  assertEquals(setupPlan(DEBIAN_ROOT), { do: "install" });
});

Deno.test("setup: others are told what to install", () => {
  const remedy = (changes: Partial<Machine>) => {
    const plan = setupPlan({ ...DEBIAN_ROOT, ...changes });
    assert(plan.do === "tell");
    return plan.remedy;
  };
  assertStringIncludes(remedy({ isRoot: false }), "as root: apt-get install mesa-vulkan-drivers libvulkan1");
  assertStringIncludes(remedy({ isDebian: false }), "lavapipe");
  assertStringIncludes(remedy({ hasApt: false }), "lavapipe");
  assertStringIncludes(remedy({ os: "darwin" }), "Metal");
});

Deno.test("setup: Debian's relatives are known by os-release", () => {
  assert(isDebianLike('PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n'));
  assert(isDebianLike('ID=linuxmint\nID_LIKE="ubuntu debian"\n'));
  assert(!isDebianLike('ID=fedora\nVARIANT_ID=debian\nHOME_URL="debian"\n'));
  assert(!isDebianLike(""));
});

Deno.test("setup: an adapter is found: no word, no program", async () => {
  const gpu = { name: "a GPU", by: "OpenGL", software: false } as const; // a GPU without a Vulkan driver is a GPU
  for (const adapter of [gpu, LAVAPIPE, { ...LAVAPIPE, by: "any" } as const]) {
    const { host, said, ran } = fakeHost([adapter]);
    assertEquals(await setup(host), adapter.name);
    assertEquals([...said, ...ran], []);
  }
});

Deno.test("setup: OpenGL on a processor does where nothing can be installed, and is replaced where it can", async () => {
  for (const changes of [{ isRoot: false }, { isDebian: false }, { hasApt: false }]) {
    const { host, said, ran } = fakeHost([BY_OPENGL], changes);
    assertEquals([await setup(host), ...said, ...ran], ["llvmpipe"]);
  }
  const { host, said, ran } = fakeHost([BY_OPENGL, LAVAPIPE]);
  assertEquals(await setup(host), "llvmpipe");
  assertEquals([said.length, ran.length], [1, 2]);
  assertStringIncludes(said[0], "only OpenGL: installing Mesa's software Vulkan driver");
});

Deno.test("setup: OpenGL goes on where the installation fails, with one line more", async () => {
  const { host, said } = fakeHost([BY_OPENGL], { aptFails: true });
  assertEquals(await setup(host), "llvmpipe");
  assertEquals(said.length, 2);
  assertStringIncludes(said[1], "going on with OpenGL");
});

Deno.test("setup: installs with one line, then finds the adapter", async () => {
  const { host, said, ran } = fakeHost([null, LAVAPIPE]);
  assertEquals(await setup(host), "llvmpipe");
  assertEquals(said.length, 1);
  assertEquals(ran, [
    "apt-get update -qq",
    "apt-get install -y -qq --no-install-recommends mesa-vulkan-drivers libvulkan1",
  ]);
});

Deno.test("setup: a failed installation shows what apt-get said", async () => {
  const { host, said } = fakeHost([null], { aptFails: true });
  await assertRejects(() => setup(host), NoAdapterError, "installation of Mesa's driver failed");
  assertEquals(said[1], "output of update\noutput of install");
});

Deno.test("setup: a driver that stays hidden: the variable that hides it is named", async () => {
  const { host } = fakeHost([null, null]);
  await assertRejects(() => setup(host), NoAdapterError, "unset VK_DRIVER_FILES (/missing.json)");
});

Deno.test("setup: without the right to install, one line and no program", async () => {
  const { host, said, ran } = fakeHost([null], { isRoot: false });
  const error = await assertRejects(() => setup(host), NoAdapterError, "as root");
  assert(!error.message.includes("\n"));
  assertEquals([...said, ...ran], []);
});

/** What `prepareDriver` makes of these values of a variable, which is as before afterwards. */
function prepared(variable: string, values: readonly string[]): (string | undefined)[] {
  const before = Deno.env.get(variable);
  try {
    return values.map((value) => {
      Deno.env.set(variable, value);
      prepareDriver();
      return Deno.env.get(variable);
    });
  } finally {
    if (before === undefined) Deno.env.delete(variable);
    else Deno.env.set(variable, before);
  }
}

Deno.test("prepareDriver: the drivers get a folder that exists, and a good one is kept", {
  ignore: Deno.build.os !== "linux",
}, () => {
  const [empty, missing, good] = prepared("XDG_RUNTIME_DIR", ["", "/no/such/folder", "/"]);
  for (const folder of [empty, missing]) assert(Deno.statSync(folder!).isDirectory);
  assertEquals(good, "/");
});

Deno.test("prepareDriver: Mesa's software driver gets two threads a core, or what the user says", {
  ignore: Deno.build.os !== "linux",
}, () => {
  assertEquals(prepared("LP_NUM_THREADS", ["", "1"]), [String(2 * navigator.hardwareConcurrency), "1"]);
});

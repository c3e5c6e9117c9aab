import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { fill, NORMAL_TABLE } from "../../kernels/mod.ts";
import {
  ArgumentError,
  DeviceLostError,
  DisposedError,
  Gpu,
  LimitError,
  NoAdapterError,
} from "../../src/gpu/mod.ts";
import { key, recordDraw } from "../../src/random/mod.ts";
import { f32, testGpu } from "../gpu_fixture.ts";

async function requestAdapter(): Promise<GPUAdapter> {
  const adapter = await navigator.gpu.requestAdapter();
  assert(adapter !== null);
  return adapter;
}

Deno.test("the adapter has a name", async () => {
  const { adapter } = await testGpu();
  assertNotEquals(adapter.name, "");
});

Deno.test("no WebGPU and no adapter are NoAdapterErrors that say what to do", async () => {
  const none = { requestAdapter: () => Promise.resolve(null) } as unknown as GPU;
  await assertRejects(() => Gpu.open({ gpu: none }), NoAdapterError, "mesa-vulkan-drivers");
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, "navigator")!;
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  try {
    await assertRejects(() => Gpu.open(), NoAdapterError, "no WebGPU");
  } finally {
    Object.defineProperty(globalThis, "navigator", descriptor);
  }
});

Deno.test("the largest buffers that the adapter has are asked for, unless told otherwise", async () => {
  const { limits } = await requestAdapter();
  using gpu = await Gpu.open();
  assertEquals(gpu.device.limits.maxBufferSize, limits.maxBufferSize);
  assertEquals(gpu.device.limits.maxStorageBufferBindingSize, limits.maxStorageBufferBindingSize);
  using small = await Gpu.open({ limits: { maxStorageBufferBindingSize: 2 ** 27 } });
  assertEquals(small.device.limits.maxStorageBufferBindingSize, 2 ** 27);
});

Deno.test("limits are asked for by name: unknown ones and ones too high are refused", async () => {
  const { limits } = await requestAdapter();
  for (const name of ["maxBuffers", "toString", ""]) {
    await assertRejects(() => Gpu.open({ limits: { [name]: 1 } }), ArgumentError, `no limit named "${name}"`);
  }
  const tooMany = limits.maxComputeWorkgroupSizeX + 1;
  await assertRejects(
    () => Gpu.open({ limits: { maxComputeWorkgroupSizeX: tooMany } }),
    LimitError,
    `maxComputeWorkgroupSizeX = ${tooMany} was asked for`,
  );
  await assertRejects(() => Gpu.open({ limits: { maxBufferSize: NaN } }), LimitError, "NaN");
});

Deno.test("an alignment is a limit that is better the smaller it is", async () => {
  const least = (await requestAdapter()).limits.minStorageBufferOffsetAlignment;
  using gpu = await Gpu.open({ limits: { minStorageBufferOffsetAlignment: 256 } });
  assert(gpu.device.limits.minStorageBufferOffsetAlignment <= 256);
  await assertRejects(() => Gpu.open({ limits: { minStorageBufferOffsetAlignment: least / 2 } }), LimitError);
});

Deno.test("features are asked for by name: a missing one is refused, unless it is optional", async () => {
  const missing = "no-such-feature" as GPUFeatureName;
  await assertRejects(() => Gpu.open({ features: [missing] }), LimitError, "lacks no-such-feature");
  using gpu = await Gpu.open({ optionalFeatures: [missing] });
  assert(!gpu.device.features.has(missing));
  const [present] = [...(await requestAdapter()).features] as GPUFeatureName[];
  using one = await Gpu.open({ features: [present] });
  assert(one.device.features.has(present));
});

Deno.test("a device that is lost while a read waits is a DeviceLostError, and so is all that follows", async () => {
  using gpu = await Gpu.open();
  using other = await Gpu.open();
  using out = gpu.buffer("out", "f32", 4);
  using program = await gpu.record("fill", (r) => r.dispatch(fill, { out }, { n: 4, value: 1 }));
  program.submit();
  const pending = gpu.read(out);
  gpu.device.destroy();
  await assertRejects(() => pending, DeviceLostError, "lost");
  await assertRejects(() => gpu.read(out), DeviceLostError, "open a device again");
  await assertRejects(() => gpu.idle(), DeviceLostError);
  await assertRejects(() => gpu.record("again", () => {}), DeviceLostError);
  assertThrows(() => gpu.buffer("more", "f32", 1), DeviceLostError);

  using sound = other.buffer("sound", "f32", 1, f32([6]));
  assertEquals([...await other.read(sound)], [6], "another device is not concerned");
});

Deno.test("a device that is lost before or while a program is made is a DeviceLostError, not a kernel's fault", async () => {
  for (const turns of [0, 1, 2, 5]) {
    using gpu = await Gpu.open();
    using out = gpu.buffer("out", "f32", 4);
    const destroyed = (async () => {
      for (let i = 0; i < turns; i++) await Promise.resolve();
      gpu.device.destroy();
    })();
    await assertRejects(
      async () => {
        using program = await gpu.record("fill", (r) => r.dispatch(fill, { out }, { n: 4, value: 1 }));
        program.submit();
        await gpu.idle();
      },
      DeviceLostError,
      "lost",
      `${turns} turns`,
    );
    await destroyed;
  }
});

Deno.test("a device that is lost while nothing waits is a DeviceLostError at the next call", async () => {
  using gpu = await Gpu.open();
  using out = gpu.buffer("out", "f32", 4);
  gpu.device.destroy();
  await assertRejects(() => gpu.read(out), DeviceLostError);
});

Deno.test("a read that waits while its device is disposed of is an error, not a hang", async () => {
  const gpu = await Gpu.open({ warn: () => {} });
  const pending = gpu.read(gpu.buffer("out", "f32", 4));
  gpu[Symbol.dispose]();
  const error = await assertRejects(() => pending);
  assert(error instanceof DeviceLostError || error instanceof DisposedError, String(error));
});

Deno.test("after dispose every call is refused, and its buffers are released", async () => {
  const gpu = await Gpu.open({ warn: () => {} });
  const out = gpu.buffer("out", "f32", 4);
  gpu[Symbol.dispose]();
  assertEquals([out.disposed, gpu.memory], [true, { buffers: 0, bytes: 0 }]);
  assertThrows(() => gpu.buffer("more", "f32", 1), DisposedError, "the device was used after");
  await assertRejects(() => gpu.record("again", () => {}), DisposedError);
  await assertRejects(() => gpu.idle(), DisposedError);
  gpu[Symbol.dispose]();
});

Deno.test("a device from outside works, and outlives its Gpu", async () => {
  const device = await (await requestAdapter()).requestDevice();
  let lost = false;
  device.lost.then(() => lost = true);
  for (const value of [3, 4]) { // twice: the first leaves nothing behind
    using gpu = Gpu.from(device, "borrowed");
    assertEquals(gpu.adapter.name, "borrowed");
    using out = gpu.buffer("out", "f32", 2);
    using program = await gpu.record("fill", (r) => r.dispatch(fill, { out }, { n: 2, value }));
    program.submit();
    assertEquals([...await gpu.read(out)], [value, value]);
  }
  await device.queue.onSubmittedWorkDone();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(lost, false);
  device.destroy();
});

Deno.test("nothing stays behind on a device from outside, a kernel's lookup table included", async () => {
  const device = await (await requestAdapter()).requestDevice();
  const open = new Set<GPUBuffer | GPUTexture>();
  const spy = <D, R extends GPUBuffer | GPUTexture>(create: (descriptor: D) => R) => (descriptor: D): R => {
    const made = create(descriptor), destroy = made.destroy.bind(made);
    open.add(made);
    made.destroy = () => {
      open.delete(made);
      destroy();
    };
    return made;
  };
  device.createBuffer = spy(device.createBuffer.bind(device));
  device.createTexture = spy(device.createTexture.bind(device));
  for (const store of ["uniform", "image"] as const) {
    using gpu = Gpu.from(device);
    using out = gpu.buffer("out", "f32", 2);
    using program = await gpu.record("draw", (r) => {
      recordDraw(r, key(0), { kind: "normal", mean: 0, std: 1 }, out);
    });
    gpu.table("table", NORMAL_TABLE, store);
    program.submit();
    await gpu.read(out);
    assert([...open].some(({ label }) => label === "out"), "the spy sees buffers");
    assert([...open].some(({ label }) => label.includes("table")), "and the table");
  }
  assertEquals([...open].map((buffer) => buffer.label), []);
  device.destroy();
});

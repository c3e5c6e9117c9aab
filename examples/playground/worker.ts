/**
 * The page's worker: the GPU, and both networks, an epoch of one and an epoch of the other in turn.
 *
 * @module
 */
import { FaninError, Gpu } from "@fanin/fanin/gpu";
import { DeviceData } from "@fanin/fanin/train";
import { type PackedData, unpack } from "./packed_data.ts";
import type { News, Order, Side } from "./protocol.ts";
import type { Settings } from "./settings.ts";
import { optimizerOf, train, widthsOf } from "./training.ts";

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<Order>) => void) | null;
  postMessage(news: News): void;
};

let isStopped = false;

scope.onmessage = ({ data }) => {
  if (data.kind === "stop") isStopped = true;
  else trainBoth(data.settings, data.data).catch((error) => tell(failure(error)));
};

function tell(news: News): void {
  scope.postMessage(news);
}

async function trainBoth(settings: Settings, packed: PackedData): Promise<void> {
  const split = await unpack(packed);
  using gpu = await Gpu.open({ powerPreference: "high-performance" });
  using onDevice = new DeviceData(gpu, split.train);
  using held = new DeviceData(gpu, split.test);
  const lesson = {
    gpu,
    split,
    train: onDevice,
    test: held,
    batch: packed.batch,
    settings,
    isStopped: () => isStopped,
  };
  const { rows: trainRows } = split.train, { rows: testRows } = split.test;
  const [widths, optimizer] = [widthsOf(split, settings), `${optimizerOf(settings)}`];
  tell({ kind: "opened", adapter: gpu.adapter.name, trainRows, testRows, widths, optimizer });
  await inTurn(([0, 1] as Side[]).map((side) => ({ side, news: train(lesson, side) })));
  tell({ kind: "done", stopped: isStopped });
}

/** One piece of news from each network in turn, until there is none; what fails on one side leaves the other alone. */
async function inTurn(sides: { side: Side; news: AsyncGenerator<News> }[]): Promise<void> {
  let open = sides;
  while (open.length > 0) {
    for (const one of open) {
      const { done, value } = await one.news.next().catch((error) => {
        if (error instanceof FaninError && error.name === "DeviceLostError") throw error;
        return { done: false, value: failure(error, one.side) } as const;
      });
      if (done) open = open.filter((other) => other !== one);
      else tell(value);
    }
  }
}

function failure(error: Error, side?: Side): News {
  return { kind: "failed", side, name: error.name, message: error.message };
}

/**
 * A job in Node, on Dawn as the npm package `webgpu` brings it.
 *
 * @module
 */
import process from "node:process";
import { Gpu } from "../../src/gpu/mod.ts";
import { type JobName, report } from "./jobs.ts";

// Not a literal: the package is installed beside the bundle, and nowhere else.
const name: string = "webgpu";
const { create } = await import(name) as { create(flags: string[]): GPU };

const text = JSON.stringify(await report(process.argv[2] as JobName, Gpu.open({ gpu: create([]) })));
process.stdout.write(text, () => process.exit(0)); // Dawn would keep the process alive

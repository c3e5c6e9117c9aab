/**
 * The table in Node, or another runtime with Node's modules, on Dawn as the npm package `webgpu` brings it.
 *
 * @module
 */
import process from "node:process";
import { report } from "./report.ts";

// Not a literal: the package is installed beside the bundle, and nowhere else.
const name: string = "webgpu";
const { create } = await import(name) as { create(flags: string[]): GPU };

const text = JSON.stringify(await report({ gpu: create([]) }));
process.stdout.write(text, () => process.exit(0)); // Dawn would keep the process alive

/**
 * A dataset from comma-separated text: one row a line, one column the label, the others numbers.
 *
 * @module
 */

import { parse } from "csv-parse/sync";
import { ArgumentError, FormatError } from "../gpu/errors.ts";
import { quote } from "../tensor/quote.ts";
import { numberLabels } from "./csv_labels.ts";
import { checkDataset, type Dataset } from "./dataset.ts";

/** How a CSV file is laid out. */
export interface CsvOptions {
  /**
   * The column of the labels: its name in the header, or its index from 0; negative indices count from the
   * end. The last by default. A string that is a whole number is an index, unless `header` is `true` and
   * names such a column.
   */
  readonly label?: string | number;
  /**
   * Whether the first line names the columns. `"auto"`, the default: it does where no field of it is a
   * number, the label left aside, or where `label` is one of its names.
   */
  readonly header?: "auto" | boolean;
  /** What stands between fields; a comma by default. */
  readonly delimiter?: string;
  /** What the dataset is called in messages and reports; `csv` by default. */
  readonly name?: string;
}

const INDEX = /^-?\d+$/;

/** What the first line says about all the others. */
interface Layout {
  readonly columns: number;
  readonly label: number;
  readonly hasHeader: boolean;
}

// No hexadecimal, no empty field, no NaN and no infinity, all of which Number() takes. Written so that no
// input makes it backtrack far.
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Reads CSV as RFC 4180 has it: fields may be quoted, lines end in LF, CRLF or CR, a byte order mark and
 * empty lines are passed over.
 *
 * Labels that are all whole numbers from 0 on keep their numbers, and the highest plus 1 is the number of
 * classes. Any others, negative numbers among them, are names: they become 0, 1, 2, … in the order in which
 * they first appear. Blanks around a field do not count.
 *
 * @param text The whole file.
 * @param options How it is laid out.
 * @returns The dataset, with class names where the labels are names; its features are in the order of the
 *   columns, the label taken out.
 * @throws {FormatError} The file has no rows; a row has more or fewer fields than the first; a feature is no
 *   finite float32 number; a label is empty, or there are too many; the quoting is broken. The message names
 *   line and column, both from 1.
 * @throws {ArgumentError} `label` names no column or two, or asks for a name where there is no header.
 */
export function parseCsv(text: string, options: CsvOptions = {}): Dataset {
  let layout: Layout | undefined;
  const rows: Float32Array[] = [];
  const labels: string[] = [];
  const lines: number[] = [];
  forEachRecord(text, options.delimiter ?? ",", (fields, line) => {
    if (layout === undefined) {
      layout = layOut(fields, line, options);
      if (layout.hasHeader) return;
    }
    const row = readRow(fields, layout, line);
    rows.push(row.features);
    labels.push(row.label);
    lines.push(line);
  });
  if (layout === undefined || rows.length === 0) {
    throw new FormatError(
      layout === undefined ? "the CSV file is empty" : "the CSV file has a header and no rows",
      "give one row a line: numbers and a label",
    );
  }
  const { numbers, classes, classNames } = numberLabels(labels, lines, layout.label);
  const columns = layout.columns - 1;
  const dataset: Dataset = {
    name: options.name ?? "csv",
    features: concatenate(rows, columns),
    labels: numbers,
    rows: rows.length,
    columns,
    classes,
    ...(classNames === undefined ? {} : { classNames }),
  };
  checkDataset(dataset);
  return dataset;
}

// Records are taken as they are parsed: a large file as strings would take ten times the memory of its
// numbers.
function forEachRecord(
  text: string,
  delimiter: string,
  take: (fields: string[], line: number) => void,
): void {
  try {
    parse(text, {
      bom: true,
      delimiter,
      skip_empty_lines: true,
      relax_column_count: true,
      on_record: (fields: string[], { lines }) => {
        take(fields, lines);
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    if (error.code === "CSV_INVALID_OPTION_DELIMITER") {
      throw new ArgumentError(`${quote(delimiter)} cannot separate fields`, "give a character", {
        cause: error,
      });
    }
    const cause = quote(error.message).slice(1, -1);
    throw new FormatError(`the CSV is malformed: ${cause}`, "double each quote inside a quoted field", {
      cause: error,
    });
  }
}

function layOut(first: readonly string[], line: number, options: CsvOptions): Layout {
  const columns = first.length;
  if (columns < 2) {
    throw new FormatError(
      `line ${line} of the CSV has one field only, ${quote(first[0])}`,
      "give features and a label, separated by commas, or name the delimiter",
    );
  }
  const { label = -1, header = "auto" } = options;
  // Without the word of the caller that there is a header, "1" would be found among the numbers of a first
  // row.
  const isName = typeof label === "string" &&
    (header === true || header === "auto" && !INDEX.test(label.trim()));
  const named = isName ? columnNamed(first, label) : undefined;
  const column = named ?? columnAt(columns, label, first, header);
  const hasHeader = header === "auto" ? named !== undefined || looksLikeHeader(first, column) : header;
  return { columns, label: column, hasHeader };
}

function columnNamed(names: readonly string[], label: string): number | undefined {
  const wanted = label.trim();
  const found = names.flatMap((name, column) => name.trim() === wanted ? [column] : []);
  if (found.length > 1) {
    throw new ArgumentError(
      `${found.length} columns are named ${quote(label)}`,
      "give the label's index instead",
    );
  }
  return found[0];
}

function columnAt(
  columns: number,
  label: string | number,
  names: readonly string[],
  header: "auto" | boolean,
): number {
  const index = typeof label === "number" ? label : INDEX.test(label.trim()) ? Number(label) : NaN;
  const column = index < 0 ? columns + index : index;
  if (Number.isInteger(column) && column >= 0 && column < columns) return column;
  const known = header === false ? "without a header" : `its first line has ${quote(names)}`;
  throw new ArgumentError(
    `the CSV has no column ${quote(label)}: ${columns} columns, ${known}`,
    `name a column, or give an index from 0 to ${columns - 1}`,
  );
}

function looksLikeHeader(first: readonly string[], label: number): boolean {
  return first.every((field, column) => column === label || !DECIMAL.test(field.trim()));
}

function readRow(
  fields: readonly string[],
  { columns, label }: Layout,
  line: number,
): { features: Float32Array; label: string } {
  if (fields.length !== columns) {
    throw new FormatError(
      `line ${line} of the CSV has ${fields.length} fields and the first has ${columns}`,
      "give every line the same number of fields",
    );
  }
  const features = new Float32Array(columns - 1);
  for (let column = 0, i = 0; column < columns; column++) {
    if (column === label) continue;
    features[i++] = readNumber(fields[column], line, column);
  }
  return { features, label: fields[label].trim() };
}

function readNumber(field: string, line: number, column: number): number {
  const literal = field.trim();
  const value = DECIMAL.test(literal) ? Math.fround(Number(literal)) : NaN;
  if (Number.isFinite(value)) return value;
  throw new FormatError(
    `line ${line}, column ${column + 1} of the CSV is ${quote(field)}, not a finite float32 number`,
    "replace it, or say which column is the label and whether there is a header",
  );
}

function concatenate(rows: readonly Float32Array[], columns: number): Float32Array {
  const features = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => features.set(row, i * columns));
  return features;
}

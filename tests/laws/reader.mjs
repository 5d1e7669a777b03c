// The readers of npm packages: node reader.mjs MODULES. A line in is `[READER, [TEXT, ...]]`, a line out what
// each text is to that reader: `[TREE]`, or `"why it fails"`.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const its = createRequire(process.argv[2] + "/");

const readers = {
  "npm-ini": () => its("ini").parse,
  "npm-ini-3": () => its("ini-3").parse,
  dotenv: () => its("dotenv").parse,
  json: () => JSON.parse,
  "jsonc-parser": () => (text) => {
    const errors = [];
    const tree = its("jsonc-parser").parse(text, errors, { allowTrailingComma: true });
    if (errors.length) throw new Error(its("jsonc-parser").printParseErrorCode(errors[0].error));
    return tree;
  },
  json5: () => its("json5").parse,
  "js-yaml": () => (text) => documents(its("js-yaml").loadAll(text)),
  yaml: () => (text) =>
    documents(
      its("yaml").parseAllDocuments(text, { uniqueKeys: false }).map((document) => {
        if (document.errors.length) throw document.errors[0];
        return document.toJS();
      }),
    ),
};

const documents = (all) => (all.slice(1).some((each) => each !== null) ? all : all[0] ?? null);

// What JSON has no word for; what is there twice is told only once, and then where.
function plain(value, seen, path) {
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) return { "\0": `${value}` };
  if (typeof value === "bigint" || typeof value === "symbol") return { "\0": String(value) };
  if (value === undefined) return null;
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Date) return { "\0": `date ${+value}` };
  if (seen.has(value)) return { "\0": `again ${seen.get(value)}` };
  seen.set(value, path);
  if (Array.isArray(value)) return value.map((each, at) => plain(each, seen, `${path}/${at}`));
  if (value instanceof Map || value instanceof Set) return { "\0": plain([...value], seen, path) };
  const made = Object.create(null);
  for (const key of Object.keys(value)) made[key] = plain(value[key], seen, `${path}/${key}`);
  return made;
}

const known = {};
for await (const line of createInterface({ input: process.stdin })) {
  const [name, texts] = JSON.parse(line);
  const read = (known[name] ??= readers[name]());
  const answers = texts.map((text) => {
    try {
      return [plain(read(text), new Map(), "")];
    } catch (error) {
      return String(error?.message ?? error).slice(0, 200) || "an error";
    }
  });
  console.log(JSON.stringify(answers));
}

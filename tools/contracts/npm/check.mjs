// Checks what is published in docs/: every AsyncAPI document by AsyncAPI's own parser, every example by its schema.
//
//   node check.mjs DOCS
//
// Ends with 1 where anything is wrong, having said what and where.

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { argv, exit } from "node:process";
import { Parser } from "@asyncapi/parser";
import Ajv07 from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const docs = argv[2];
const ERROR_OR_WARNING = 1; // the parser's severities: 0 error, 1 warning, 2 and 3 remarks
const faults = [];
const checked = { documents: 0, schemas: 0, examples: 0 };

const json = async (...path) => JSON.parse(await readFile(join(docs, ...path), "utf8"));
const files = async (...path) => (await readdir(join(docs, ...path))).filter((name) => name.endsWith(".json")).sort();
const listed = (errors) => errors.map((error) => `${error.instancePath || "the whole"} ${error.message}`).join("; ");

async function checkDocument(name) {
  const { document, diagnostics } = await new Parser().parse(await readFile(join(docs, "asyncapi", name), "utf8"));
  const wrong = diagnostics.filter((each) => each.severity <= ERROR_OR_WARNING);
  faults.push(...wrong.map((each) => `asyncapi/${name}: ${each.path.join(".")}: ${each.message}`));
  if (document === undefined && wrong.length === 0) faults.push(`asyncapi/${name}: the parser gives no document`);
  checked.documents += 1;
  await checkExamplesWithin(name);
}

// The parser does not hold the examples of a version 3 document against their schemas.
async function checkExamplesWithin(name) {
  const { id, ...document } = await json("asyncapi", name); // `id` is no keyword of JSON Schema, and refused as one
  const ajv = addFormats(new Ajv07({ strict: false, allErrors: true })).addSchema(document, "document");
  for (const [key, message] of Object.entries(document.components.messages)) {
    for (const part of ["headers", "payload"].filter((each) => each in message)) {
      const valid = ajv.getSchema(`document#/components/messages/${key}/${part}`);
      for (const example of message.examples) {
        if (!valid(example[part])) faults.push(`asyncapi/${name}: ${key}, ${part}: ${listed(valid.errors)}`);
      }
    }
  }
}

async function checkSchema(name) {
  const ajv = addFormats(new Ajv2020({ strict: true, strictRequired: false, allErrors: true }));
  const schema = await json("schemas", name);
  const valid = ajv.compile(schema);
  checked.schemas += 1;
  const within = schema.examples.map((body) => ["an example within", body]);
  const key = name.replace(/\.json$/, "");
  for (const file of await files("examples", key)) {
    const { properties, body } = await json("examples", key, file);
    within.push([`examples/${key}/${file}`, properties.content_type === "application/json" ? body : body.data]);
  }
  for (const [where, body] of within) {
    if (!valid(body)) faults.push(`schemas/${name}: ${where}: ${listed(valid.errors)}`);
    checked.examples += 1;
  }
}

for (const name of await files("asyncapi")) await checkDocument(name);
for (const name of await files("schemas")) await checkSchema(name);
for (const fault of faults) console.error(fault);
console.log(
  `${checked.documents} AsyncAPI documents, ${checked.schemas} JSON Schemas and ${checked.examples} examples:`,
  faults.length ? `${faults.length} faults` : "valid",
);
exit(faults.length || !checked.documents || !checked.schemas ? 1 : 0);

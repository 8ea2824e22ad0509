#!/usr/bin/env node
// Receives OCOP's webhooks: checks who sent them, takes each once, prints a line of JSON for each event, until a signal.
//
//   OCOP_WEBHOOK_SECRET      whsec_…, as the operator gave it; two with a space between them while it is changed
//   OCOP_WEBHOOK_CERTIFICATE, OCOP_WEBHOOK_KEY    PEM files of our name. Without them it listens in clear, on 127.0.0.1
//                            alone, for a proxy of this machine that encrypts
//   PORT                     where it listens (8443); 0: any that is free
//
// Needs Node.js 18 and standardwebhooks. Ends with 0; 2: wrongly called.

import { readFileSync } from "node:fs";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import { Webhook } from "standardwebhooks";

const MOST_BYTES = 1024 * 1024;
const MOST_IDS = 10_000;

const setting = (name) => process.env[name] || undefined;
const [certificate, key] = ["OCOP_WEBHOOK_CERTIFICATE", "OCOP_WEBHOOK_KEY"].map(setting);
const webhooks = (setting("OCOP_WEBHOOK_SECRET") ?? "").split(" ").map(webhook);
const taken = new Set(); // where it must outlive a restart: a table with a unique key

function webhook(secret) {
  try {
    return new Webhook(secret);
  } catch {
    console.error("OCOP_WEBHOOK_SECRET cannot be read"); // and is not repeated
    process.exit(2);
  }
}

// Reads a body to its end, or to where it is too long to be one of ours.
async function bodyOf(request) {
  const parts = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > MOST_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

// Gives the event, or undefined where it is not signed by one of our secrets: the bytes are checked, before they are read.
function verified(body, headers) {
  for (const each of webhooks) {
    try {
      return each.verify(body, headers);
    } catch {
      // perhaps by the other secret
    }
  }
  return undefined;
}

// Takes an event, once. What takes longer than a moment belongs on a queue: OCOP waits 15 seconds for the answer.
function take(id, event) {
  if (taken.has(id)) return;
  console.log(JSON.stringify({ delivery: id, id: event.id, type: event.type, subject: event.subject, data: event.data }));
  taken.add(id);
  if (taken.size > MOST_IDS) taken.delete(taken.values().next().value);
}

async function answer(request, response) {
  const body = await bodyOf(request);
  if (body === undefined) return response.writeHead(413, { Connection: "close" }).end();
  const event = verified(body, request.headers);
  if (event === undefined) return response.writeHead(401).end();
  take(request.headers["webhook-id"], event);
  return response.writeHead(204).end();
}

const listener = (request, response) => answer(request, response).catch(() => response.destroy());
const server = certificate
  ? createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, listener)
  : createPlainServer(listener);
server.listen(Number(setting("PORT") ?? 8443), certificate ? undefined : "127.0.0.1", () => {
  console.error(`listening on port ${server.address().port}`);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => (server.close(), server.closeIdleConnections()));

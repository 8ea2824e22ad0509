#!/usr/bin/env node
// An integration of OCOP: files dossiers, follows what comes of them, asks how products stand.
//
//   ocop-client.mjs file DOSSIER.json [ID]    file it, and print its id once the broker has it for good
//   ocop-client.mjs file scorecard.filed CARD.json [ID]    the same with another kind: a scorecard, a recognition, …
//   ocop-client.mjs follow                    print every event on our queue, a line of JSON each, until a signal
//   ocop-client.mjs ask 01-09574-1-2026       print how a product stands
//
//   OCOP_AMQP_URL   as the operator gave it: amqps://integration.<name>:<password>@<host>:5671/%2F
//   OCOP_SOURCE     who we are, always the same (/portals/<name>)
//   OCOP_CA_FILE    the authority of the broker's certificate, where it is not one that this machine knows
//
// Needs Node.js 18 and amqplib. Ends with 0: done; 1: refused, not found or not answered; 2: wrongly
// called; 130 or 143: by Ctrl-C or SIGTERM.

import { randomUUID, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import amqp from "amqplib";

const tell = (text) => console.error(text);

// Reads a setting. What cannot be read is not repeated: it may hold a password.
function setting(name, read) {
  try {
    return read(process.env[name]);
  } catch {
    tell(`${name} cannot be read`);
    process.exit(2);
  }
}

const url = setting("OCOP_AMQP_URL", (value) => new URL(value ?? "amqp://127.0.0.1/"));
const [user] = setting("OCOP_AMQP_URL", () => [url.username, url.password].map(decodeURIComponent)); // integration.<name>
const authority = setting("OCOP_CA_FILE", (file) => (file ? { ca: [certificate(readFileSync(file))] } : {}));
const inbox = `${user}.events`;
const source = process.env.OCOP_SOURCE ?? `/portals/${user.replace("integration.", "")}`;

const CLOSE_MILLISECONDS = 5_000;
const CONFIRM_MILLISECONDS = 30_000;
const ANSWER_MILLISECONDS = 30_000;
const MOST_LOOKED_AT = 1_000;
const GIVE_BACK_MILLISECONDS = 100;
const ANSWERS = ["vn.ocop.product.state.v1", "vn.ocop.query.rejected.v1"];
const LONGEST_WAIT_MILLISECONDS = 30_000;
const SIGNALS = ["SIGINT", "SIGTERM"];

class Refused extends Error {}

// Gives a certificate as it came, where it is one.
function certificate(pem) {
  return new X509Certificate(pem) && pem;
}

// Connects, over TLS where the URL says amqps; the broker's certificate is checked. `lost` is settled when it is gone.
async function connect() {
  url.searchParams.set("heartbeat", "10");
  const connection = await amqp.connect(url.href, { timeout: 10_000, ...authority });
  connection.on("error", () => {}); // "close" comes after it
  const lost = new Promise((_, reject) => connection.on("close", (error) => reject(error ?? new Error("closed"))));
  lost.catch(() => {});
  return { connection, lost };
}

// Opens a channel, and does something with it until that is done or the channel or its connection is gone.
async function onChannel(open, use) {
  const { connection, lost } = await connect();
  try {
    const channel = await connection[open]();
    const broken = new Promise((_, reject) => channel.on("error", reject));
    broken.catch(() => {});
    const result = await Promise.race([use(channel), broken, lost]);
    await closed(channel, lost); // before the connection, or the last acknowledgements may be lost
    return result;
  } finally {
    await closed(connection, lost);
  }
}

// Closes a channel or a connection. One that is lost, or a broker that says nothing more, would let us wait for ever.
async function closed(open, lost) {
  await Promise.race([open.close(), lost, sleep(CLOSE_MILLISECONDS, undefined, { ref: false })]).catch(() => {});
}

// Wrong password, no right, no such exchange: trying again does not help.
function isRefused(error) {
  return [403, 404, 406].includes(error.code) || /ACCESS_REFUSED|handshake terminated by server: 403/i.test(error.message);
}

// Publishes until the broker has confirmed it. It is the same message each time, so nothing is done twice.
async function publish(event, body, id) {
  const headers = { "ce-specversion": "1.0", "ce-id": id, "ce-source": source, "ce-type": `vn.ocop.${event}.v1` };
  const properties = { headers, contentType: "application/json", persistent: true, messageId: id, userId: user };
  for (let wait = 1000; ; wait = Math.min(2 * wait, LONGEST_WAIT_MILLISECONDS)) {
    try {
      return await onChannel("createConfirmChannel", async (channel) => {
        channel.publish("ocop.intake", `${event}.v1`, body, properties);
        await within(channel.waitForConfirms(), CONFIRM_MILLISECONDS, "no confirm in time");
      });
    } catch (error) {
      if (isRefused(error)) throw new Refused(`The broker refuses: ${error.message}`);
      // not there, lost, too slow, or too full: it may have taken the message or not
      tell(`${id} is not confirmed (${error.message}); again in ${wait / 1000} s`);
    }
    await sleep(wait);
  }
}

// Files a dossier, or another kind. Its answer comes on our queue; `correlation_id` is the id.
async function file(event, body, id = randomUUID()) {
  tell(`Filing ${id}`); // known before it is sent: where this program dies, file again under the same id
  await publish(event, body, id);
  console.log(id);
  return 0;
}

// Handles every event on our queue, until a signal: acknowledged after it was handled, so none is lost.
async function follow() {
  const seen = new Set(); // a real program keeps the ids with what it has made of the events
  const stop = new AbortController();
  const stopped = once(stop.signal, "abort");
  const end = (name) => {
    SIGNALS.forEach((each) => process.off(each, end)); // the next one ends us at once
    stop.abort(name);
  };
  SIGNALS.forEach((each) => process.on(each, end));
  while (!stop.signal.aborted) {
    let wait = 1000;
    try {
      await onChannel("createChannel", async (channel) => {
        await channel.prefetch(20);
        const cancelled = new Promise((_, reject) => {
          const take = (message) => {
            if (stop.signal.aborted) return; // given back when the channel is closed
            if (message === null) return reject(new Error("the broker cancelled us"));
            handle(message, seen);
            channel.ack(message);
          };
          channel.consume(inbox, take).then(() => tell(`Following ${inbox}`), reject);
        });
        await Promise.race([cancelled, stopped]);
      });
    } catch (error) {
      if (error.code === 404) {
        wait = LONGEST_WAIT_MILLISECONDS; // deleted, or not made yet: the operator can do something, we cannot
        tell(`There is no queue ${inbox}: tell the operator; again in ${wait / 1000} s`);
      } else if (isRefused(error)) throw new Refused(`The broker refuses: ${error.message}`);
      else tell(`Not connected (${error.message})`);
    }
    await sleep(wait, undefined, { signal: stop.signal }).catch(() => {});
  }
  const code = 128 + constants.signals[stop.signal.reason];
  process.stdout.write("", () => process.exit(code)); // a connection may still wait for a broker that says nothing
  return code;
}

// Prints an event unless it was seen before; what cannot be read is told, and must not come again and again.
function handle(message, seen) {
  const id = message.properties.headers["ce-id"];
  if (seen.has(id)) return;
  try {
    console.log(JSON.stringify(asLine(message)));
  } catch {
    tell(`Cannot be read: ${id}, ${message.content.length} bytes`);
  }
  if (id) seen.add(id);
}

// Gives an event in short: `story` is the id of the dossier that it is about, `answers` of the event before it.
function asLine({ properties: { headers }, content }) {
  return {
    event: headers["ce-type"],
    id: headers["ce-id"],
    subject: headers["ce-subject"],
    time: headers["ce-time"],
    story: headers["ce-correlationid"],
    answers: headers["ce-causationid"],
    data: JSON.parse(content.toString("utf8")),
  };
}

// Asks how a product stands, and prints the answer.
async function ask(code) {
  const id = randomUUID();
  return onChannel("createChannel", async (channel) => {
    await channel.prefetch(MOST_LOOKED_AT);
    const answered = new Promise((resolve, reject) => {
      let events = 0;
      const look = (message) => {
        const headers = message?.properties.headers ?? {};
        if (headers["ce-causationid"] === id) resolve(message);
        else if (ANSWERS.includes(headers["ce-type"])) giveBack(channel, message);
        else if (++events === MOST_LOOKED_AT) // the broker hands out no more
          reject(new Refused(`${events} events wait before the answer: read first what waits (follow)`));
      };
      // Before a `follow` that runs beside us. Events go back to the queue when the channel is closed.
      const asked = channel
        .consume(inbox, look, { priority: 10 })
        .then(() => publish("product.query", Buffer.from(JSON.stringify({ product_code: code })), id));
      asked.catch(reject);
    });
    const answer = await within(answered, ANSWER_MILLISECONDS, "No answer in time: ask again");
    console.log(JSON.stringify(asLine(answer), null, 2));
    channel.ack(answer);
    return asLine(answer).data.known ? 0 : 1;
  });
}

// Leaves an answer to the other `ask` that waits for it; a channel that is closed meanwhile has given it back already.
function giveBack(channel, message) {
  sleep(GIVE_BACK_MILLISECONDS).then(() => channel.nack(message)).catch(() => {});
}

// Gives what a promise gives, unless that takes too long.
async function within(promise, milliseconds, otherwise) {
  const over = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: over.signal }).then(() => {
    throw new Refused(otherwise);
  });
  late.catch(() => {});
  return Promise.race([promise, late]).finally(() => over.abort());
}

async function main([command, argument, ...more]) {
  const [path, ...rest] = more;
  if (!user) tell("OCOP_AMQP_URL is not set, or has no user");
  else if (command === "file" && existsSync(argument) && more.length < 2)
    return file("dossier.filed", readFileSync(argument), path);
  else if (command === "file" && /^[a-z]+\.[a-z-]+$/.test(argument) && existsSync(path) && rest.length < 2)
    return file(argument, readFileSync(path), ...rest);
  else if (command === "follow" && !argument) return follow();
  else if (command === "ask" && argument) return ask(argument);
  else tell("usage: ocop-client.mjs file [EVENT] FILE.json [ID] | follow | ask PRODUCT-CODE");
  return 2;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  tell(error.message);
  process.exitCode = 1;
}

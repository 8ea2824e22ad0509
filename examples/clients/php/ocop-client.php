#!/usr/bin/env php
<?php
// An integration of OCOP: files dossiers, follows what comes of them, asks how products stand.
//
//   ocop-client.php file DOSSIER.json [ID]    file it, and print its id once the broker has it for good
//   ocop-client.php file scorecard.filed CARD.json [ID]    the same with another kind: a scorecard, a recognition, …
//   ocop-client.php follow                    print every event on our queue, a line of JSON each, until a signal
//   ocop-client.php ask 01-09574-1-2026       print how a product stands
//
//   OCOP_AMQP_URL   as the operator gave it: amqps://integration.<name>:<password>@<host>:5671/%2F
//   OCOP_SOURCE     who we are, always the same (/portals/<name>)
//   OCOP_CA_FILE    the authority of the broker's certificate, where it is not one that this machine knows
//
// Needs PHP 8.1 with pcntl, and php-amqplib. Ends with 0: done; 1: refused, not found or not answered;
// 2: wrongly called; 130 or 143: by Ctrl-C or SIGTERM.

declare(strict_types=1);

use PhpAmqpLib\Channel\AMQPChannel;
use PhpAmqpLib\Connection\AMQPStreamConnection;
use PhpAmqpLib\Exception\AMQPBasicCancelException;
use PhpAmqpLib\Exception\AMQPConnectionClosedException;
use PhpAmqpLib\Exception\AMQPProtocolChannelException;
use PhpAmqpLib\Exception\AMQPTimeoutException;
use PhpAmqpLib\Message\AMQPMessage;
use PhpAmqpLib\Wire\AMQPTable;

// Composer's, or that of Debian's package.
require is_file(__DIR__ . '/vendor/autoload.php') ? __DIR__ . '/vendor/autoload.php' : 'PhpAmqpLib/autoload.php';

ini_set('display_errors', 'stderr'); // where it is on, warnings come among what is printed for programs

const USAGE = 'usage: ocop-client.php file [EVENT] FILE.json [ID] | follow | ask PRODUCT-CODE';
const KIND = '/^[a-z]+\.[a-z-]+$/D';
const HEARTBEAT_SECONDS = 10;
const CONNECT_SECONDS = 10;
const REPLY_SECONDS = 5;
const CONFIRM_SECONDS = 30;
const ANSWER_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 30;
const GIVE_BACK_MICROSECONDS = 100_000;
const MOST_LOOKED_AT = 1_000;
const ANSWERS = ['vn.ocop.product.state.v1', 'vn.ocop.query.rejected.v1'];
// What was read is written as it came: neither 5.0 as 5, nor a long number rounded, nor ế as \u1ebf.
const WRITTEN = JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES;
const READ = JSON_THROW_ON_ERROR | JSON_BIGINT_AS_STRING;

/** Ends the program with a word about it. */
class Ended extends Exception
{
}

/** Who we are, and where the broker is. */
class Settings
{
    public readonly string $user; // integration.<name>
    public readonly string $password;
    public readonly string $host;
    public readonly int $port;
    public readonly string $virtualHost;
    public readonly string $inbox;
    public readonly string $source;
    public readonly array $tls; // empty without TLS

    /** Reads them. What cannot be read is not repeated: it may hold a password. */
    public function __construct()
    {
        $address = parse_url(getenv('OCOP_AMQP_URL') ?: '');
        if ($address === false) {
            throw new Ended('OCOP_AMQP_URL cannot be read', 2);
        }
        $encrypted = ($address['scheme'] ?? '') === 'amqps';
        $this->user = rawurldecode($address['user'] ?? '');
        $this->password = rawurldecode($address['pass'] ?? '');
        $this->host = $address['host'] ?? '';
        $this->port = $address['port'] ?? ($encrypted ? 5671 : 5672);
        $this->virtualHost = rawurldecode(substr($address['path'] ?? '', 1)) ?: '/'; // parse_url decodes nothing
        $this->inbox = "$this->user.events";
        $name = preg_replace('/^integration\./', '', $this->user);
        $this->source = getenv('OCOP_SOURCE') === false ? "/portals/$name" : getenv('OCOP_SOURCE');
        $this->tls = $encrypted ? ['verify_peer' => true, ...self::authority()] : [];
    }

    private static function authority(): array
    {
        $file = getenv('OCOP_CA_FILE') ?: '';
        if ($file !== '' && !@openssl_x509_read((string) @file_get_contents($file))) {
            throw new Ended('OCOP_CA_FILE cannot be read', 2);
        }
        return $file === '' ? [] : ['cafile' => $file];
    }
}

/** Reports how it goes, beside what is printed for programs. */
function tell(string $text): void
{
    fwrite(STDERR, "$text\n");
}

/** Connects, over TLS where the URL says amqps: then the broker's certificate is checked. */
function connected(Settings $settings): AMQPStreamConnection
{
    return new AMQPStreamConnection(
        $settings->host,
        $settings->port,
        $settings->user,
        $settings->password,
        $settings->virtualHost,
        connection_timeout: CONNECT_SECONDS,
        read_write_timeout: 3 * HEARTBEAT_SECONDS, // more than two heartbeats, or it takes their absence for an end
        context: $settings->tls ? stream_context_create(['ssl' => $settings->tls]) : null,
        heartbeat: HEARTBEAT_SECONDS, // the library's own is none
        channel_rpc_timeout: REPLY_SECONDS,
    );
}

/** Opens a connection and a channel, and does something with it. */
function on_channel(Settings $settings, callable $use): mixed
{
    $connection = connected($settings);
    try {
        $channel = $connection->channel();
        try {
            return $use($channel);
        } finally {
            close($channel); // before the connection, or the last acknowledgements may be lost
        }
    } finally {
        close($connection);
    }
}

/** Closes a channel or a connection. What is lost already is closed; the reason for that is known. */
function close(AMQPChannel|AMQPStreamConnection $open): void
{
    try {
        $open->close();
    } catch (Exception) {
    }
}

/** Returns whether it is a wrong password, no right, no such exchange: trying again does not help. */
function is_refused(Exception $error): bool
{
    $said = $error instanceof AMQPProtocolChannelException || $error instanceof AMQPConnectionClosedException;
    return $said && in_array($error->getCode(), [403, 404, 406], true);
}

/** Publishes until the broker has confirmed it. It is the same message each time, so nothing is done twice. */
function publish(Settings $settings, string $event, string $body, string $id): void
{
    for ($wait = 1; true; $wait = min(2 * $wait, LONGEST_WAIT_SECONDS)) {
        try {
            on_channel($settings, fn (AMQPChannel $channel) => publish_once($settings, $channel, $event, $body, $id));
            return;
        } catch (Exception $error) {
            if (is_refused($error)) {
                throw $error;
            }
            // not there, lost, too slow, or too full: it may have taken the message or not
            tell("$id is not confirmed ({$error->getMessage()}); again in $wait s");
        }
        sleep($wait);
    }
}

function publish_once(Settings $settings, AMQPChannel $channel, string $event, string $body, string $id): void
{
    $headers = ['ce-specversion' => '1.0', 'ce-id' => $id, 'ce-source' => $settings->source, 'ce-type' => "vn.ocop.$event.v1"];
    $message = new AMQPMessage($body, [
        'application_headers' => new AMQPTable($headers),
        'content_type' => 'application/json',
        'delivery_mode' => AMQPMessage::DELIVERY_MODE_PERSISTENT,
        'message_id' => $id,
        'user_id' => $settings->user, // who files; without it a question is not answered
    ]);
    $channel->confirm_select();
    // Without this, a negative confirm passes for a confirm.
    $channel->set_nack_handler(fn () => throw new RuntimeException('the broker did not take it'));
    $channel->basic_publish($message, 'ocop.intake', "$event.v1");
    // Throws where the broker closes the channel in the place of a confirm, because it refuses. Its own limit is none.
    $channel->wait_for_pending_acks(CONFIRM_SECONDS);
}

/** Files a dossier, or another kind. Its answer comes on our queue; `correlation_id` is the id. */
function file_event(Settings $settings, string $event, string $body, string $id): int
{
    tell("Filing $id"); // known before it is sent: where this program dies, file again under the same id
    publish($settings, $event, $body, $id);
    write("$id\n");
    return 0;
}

/** Handles every event on our queue, until a signal: acknowledged after it was handled, so none is lost. */
function follow(Settings $settings): int
{
    $seen = []; // a real program keeps the ids with what it has made of the events
    $current = null;
    $stopped = 0;
    $stop = function (int $signal) use (&$current, &$stopped): void {
        $stopped = $signal;
        $current?->stopConsume(); // what is not handled yet is given back when the channel is closed
    };
    pcntl_async_signals(true);
    pcntl_signal(SIGINT, $stop);
    pcntl_signal(SIGTERM, $stop);
    while (!$stopped) {
        $wait = 1;
        try {
            on_channel($settings, function (AMQPChannel $channel) use ($settings, &$seen, &$current): void {
                $current = $channel;
                $channel->basic_qos(0, 20, false);
                $channel->basic_consume($settings->inbox, callback: function (AMQPMessage $message) use (&$seen): void {
                    handle($message, $seen);
                    $message->ack();
                });
                tell("Following $settings->inbox");
                $channel->consume();
            });
        } catch (AMQPBasicCancelException) { // the queue was deleted; channel and connection stay open
            tell("No longer following $settings->inbox");
        } catch (Exception $error) {
            $wait = after($error, $settings);
        }
        if (!$stopped) {
            sleep($wait); // a signal ends it
        }
    }
    return 128 + $stopped;
}

/** Tells what has ended the following. Returns how long to wait, in seconds. */
function after(Exception $error, Settings $settings): int
{
    if ($error instanceof AMQPProtocolChannelException && $error->getCode() === 404) {
        $wait = LONGEST_WAIT_SECONDS; // deleted, or not made yet: the operator can do something, we cannot
        tell("There is no queue $settings->inbox: tell the operator; again in $wait s");
        return $wait;
    }
    if (is_refused($error)) {
        throw $error;
    }
    tell("Not connected ({$error->getMessage()})");
    return 1;
}

/** Prints an event unless it was seen before; what cannot be read is told, and must not come again and again. */
function handle(AMQPMessage $message, array &$seen): void
{
    $id = headers($message)['ce-id'] ?? null;
    if (is_string($id) && isset($seen[$id])) {
        return;
    }
    try {
        write(json_encode(as_line($message), WRITTEN) . "\n");
    } catch (JsonException) {
        tell("Cannot be read: $id, " . strlen($message->getBody()) . ' bytes');
    }
    if (is_string($id)) {
        $seen[$id] = true;
    }
}

/** Prints. Where whoever read our lines has gone, `head` say, we end, and the event stays on the queue. */
function write(string $text): void
{
    if (@fwrite(STDOUT, $text) === false) {
        exit(1);
    }
}

function headers(AMQPMessage $message): array
{
    return $message->has('application_headers') ? $message->get('application_headers')->getNativeData() : [];
}

/** Returns an event in short: `story` is the id of the dossier that it is about, `answers` of the event before it. */
function as_line(AMQPMessage $message): array
{
    $headers = headers($message);
    return [
        'event' => $headers['ce-type'] ?? null,
        'id' => $headers['ce-id'] ?? null,
        'subject' => $headers['ce-subject'] ?? null,
        'time' => $headers['ce-time'] ?? null,
        'story' => $headers['ce-correlationid'] ?? null,
        'answers' => $headers['ce-causationid'] ?? null,
        // objects, not arrays: an empty array would be written as [], though {} was read
        'data' => json_decode($message->getBody(), associative: false, flags: READ),
    ];
}

/** Asks how a product stands, and prints the answer. */
function ask(Settings $settings, string $code): int
{
    return on_channel($settings, function (AMQPChannel $channel) use ($settings, $code): int {
        $id = new_id();
        $answer = null;
        $events = 0;
        $look = function (AMQPMessage $message) use ($id, &$answer, &$events): void {
            $headers = headers($message);
            if (($headers['ce-causationid'] ?? null) === $id) {
                $answer = $message;
            } elseif (in_array($headers['ce-type'] ?? null, ANSWERS, true)) { // to another `ask`, which is to have it now
                usleep(GIVE_BACK_MICROSECONDS);
                $message->nack(requeue: true);
            } else {
                $events++;
            }
        };
        $channel->basic_qos(0, MOST_LOOKED_AT, false);
        // Before a `follow` that runs beside us. Events go back to the queue when the channel is closed.
        $first = new AMQPTable(['x-priority' => 10]);
        $channel->basic_consume($settings->inbox, callback: $look, arguments: $first);
        publish($settings, 'product.query', json_encode(['product_code' => $code], WRITTEN), $id);
        $late = microtime(true) + ANSWER_SECONDS;
        while (!$answer && $events < MOST_LOOKED_AT) {
            wait_until($late, $channel);
        }
        if (!$answer) { // the broker hands out no more
            throw new Ended("$events events wait before the answer: read first what waits (follow)", 1);
        }
        $line = as_line($answer);
        write(json_encode($line, WRITTEN | JSON_PRETTY_PRINT) . "\n");
        $answer->ack();
        return $line['data']->known ?? false ? 0 : 1;
    });
}

/** Waits for a message. Ends with a word about it when that takes too long. */
function wait_until(float $late, AMQPChannel $channel): void
{
    try {
        $channel->wait(timeout: max(0.001, $late - microtime(true)));
    } catch (AMQPTimeoutException) {
        throw new Ended('No answer in ' . ANSWER_SECONDS . ' s: ask again', 1);
    }
}

/** Returns a random UUID. */
function new_id(): string
{
    $bytes = random_bytes(16);
    $bytes[6] = chr(ord($bytes[6]) & 0x0f | 0x40);
    $bytes[8] = chr(ord($bytes[8]) & 0x3f | 0x80);
    return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($bytes), 4));
}

/** Does what the command line says. */
function main(array $arguments): int
{
    $settings = new Settings();
    if ($settings->user === '') {
        throw new Ended("OCOP_AMQP_URL is not set, or has no user\n" . USAGE, 2);
    }
    [$command, $first, $second, $third] = array_pad($arguments, 4, '');
    $count = count($arguments);
    if ($command === 'file' && is_file($first) && $count <= 3) {
        return file_event($settings, 'dossier.filed', file_get_contents($first), $second ?: new_id());
    }
    if ($command === 'file' && preg_match(KIND, $first) && is_file($second) && $count <= 4) {
        return file_event($settings, $first, file_get_contents($second), $third ?: new_id());
    }
    return match ([$command, $count]) {
        ['follow', 1] => follow($settings),
        ['ask', 2] => ask($settings, $first),
        default => throw new Ended(USAGE, 2),
    };
}

try {
    exit(main(array_slice($argv, 1)));
} catch (Ended $end) {
    tell($end->getMessage());
    exit($end->getCode());
} catch (Exception $error) {
    tell((is_refused($error) ? 'The broker refuses: ' : 'The broker cannot be reached: ') . $error->getMessage());
    exit(1);
}

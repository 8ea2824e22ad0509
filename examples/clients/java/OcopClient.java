import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Address;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ListAddressResolver;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * An integration of OCOP: files dossiers, follows what comes of them, asks how products stand.
 *
 * <pre>
 * OcopClient file DOSSIER.json [ID]    file it, and print its id once the broker has it for good
 * OcopClient file scorecard.filed CARD.json [ID]    the same with another kind: a scorecard, a recognition, …
 * OcopClient follow                    print every event on our queue, a line of JSON each, until a signal
 * OcopClient ask 01-09574-1-2026       print how a product stands
 *
 * OCOP_AMQP_URL   as the operator gave it: amqps://integration.[name]:[password]@[host]:5671/%2F
 * OCOP_SOURCE     who we are, always the same (/portals/[name])
 * OCOP_CA_FILE    the authority of the broker's certificate, where it is not one that this machine knows
 * </pre>
 *
 * Needs Java 17, amqp-client and Gson. Ends with 0: done; 1: refused, not found or not answered; 2: wrongly called;
 * 130 or 143: by Ctrl-C or SIGTERM.
 */
public final class OcopClient {
    private static final String USAGE = "usage: OcopClient file [EVENT] FILE.json [ID] | follow | ask PRODUCT-CODE";
    private static final String KIND = "[a-z]+\\.[a-z-]+";
    private static final int HEARTBEAT_SECONDS = 10;
    private static final int CONNECT_MILLISECONDS = 10_000;
    private static final int REPLY_MILLISECONDS = 10_000;
    private static final int CLOSE_MILLISECONDS = 5_000;
    private static final int CONFIRM_MILLISECONDS = 30_000;
    private static final int ANSWER_SECONDS = 30;
    private static final int LONGEST_WAIT_SECONDS = 30;
    private static final int GIVE_BACK_MILLISECONDS = 100;
    private static final int MOST_LOOKED_AT = 1_000;
    private static final Set<String> ANSWERS = Set.of("vn.ocop.product.state.v1", "vn.ocop.query.rejected.v1");
    private static final Gson LINE = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();
    private static final Gson INDENTED = LINE.newBuilder().setPrettyPrinting().create();

    private final ConnectionFactory factory;
    private final String user; // integration.<name>
    private final String inbox;
    private final String source;

    /** Ends the program with a word about it and an exit code. */
    private static final class Ended extends Exception {
        private final int code;

        Ended(String text, int code) {
            super(text);
            this.code = code;
        }
    }

    /** The queue was deleted; channel and connection stay open. */
    private static final class Cancelled extends Exception {}

    /** What is done on a channel. */
    private interface Use<T> {
        T on(Channel channel) throws Exception;
    }

    public static void main(String[] arguments) {
        // Java's own streams write in the encoding of the machine, which need not know Vietnamese.
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
        int code = 1;
        try {
            code = new OcopClient(System.getenv()).run(List.of(arguments));
        } catch (Ended end) {
            tell(end.getMessage());
            code = end.code;
        } catch (InterruptedException stopped) {
            return; // by a signal: Java's exit code says which
        } catch (Exception error) {
            tell((isRefused(error) ? "The broker refuses: " : "The broker cannot be reached: ") + text(error));
        }
        System.exit(code);
    }

    /** Reads the settings. What cannot be read is not repeated: it may hold a password. */
    private OcopClient(Map<String, String> settings) throws Ended {
        try {
            URI address = new URI(settings.getOrDefault("OCOP_AMQP_URL", "amqp://localhost/")).parseServerAuthority();
            user = address.getUserInfo() == null ? "" : address.getUserInfo().split(":", 2)[0];
            factory = factoryFor(address);
        } catch (Exception error) {
            throw new Ended("OCOP_AMQP_URL cannot be read", 2);
        }
        inbox = user + ".events";
        source = settings.getOrDefault("OCOP_SOURCE", "/portals/" + user.replaceFirst("^integration\\.", ""));
        try {
            if (factory.isSSL()) {
                // After setUri, which has put in a trust manager that trusts everybody.
                factory.useSslProtocol(trusting(settings.getOrDefault("OCOP_CA_FILE", "")));
                factory.setSocketConfigurator(OcopClient::checkName);
            }
        } catch (Exception error) {
            throw new Ended("OCOP_CA_FILE cannot be read", 2);
        }
    }

    private static ConnectionFactory factoryFor(URI address) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(address);
        if (address.getRawPath().length() <= 1) {
            factory.setVirtualHost("/"); // setUri takes the path / for a virtual host of no name; /%2F is the one meant
        }
        // We connect anew ourselves: its recovery publishes nothing again, and does not notice a queue that was deleted.
        factory.setAutomaticRecoveryEnabled(false);
        factory.setRequestedHeartbeat(HEARTBEAT_SECONDS);
        factory.setConnectionTimeout(CONNECT_MILLISECONDS);
        factory.setChannelRpcTimeout(REPLY_MILLISECONDS);
        return factory;
    }

    /** Gives whose certificates we accept: an authority of our own, or those that Java knows. */
    private static SSLContext trusting(String file) throws GeneralSecurityException, IOException {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(file.isEmpty() ? null : authorities(Path.of(file)));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore authorities(Path file) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream content = Files.newInputStream(file)) {
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(content)) {
                store.setCertificateEntry("authority-" + store.size(), each);
            }
        }
        if (store.size() == 0) {
            throw new CertificateException("no certificate");
        }
        return store;
    }

    /** Lets the name in the certificate be checked, which is not done by itself (amqp-client 5.4 and later: enableHostnameVerification). */
    private static void checkName(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        SSLParameters parameters = ((SSLSocket) socket).getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        ((SSLSocket) socket).setSSLParameters(parameters);
    }

    /** Reports how it goes, beside what is printed for programs. */
    private static void tell(String text) {
        System.err.println(text);
    }

    /** Does what the command line says. Gives the exit code. */
    private int run(List<String> arguments) throws Exception {
        if (user.isEmpty()) {
            throw new Ended("OCOP_AMQP_URL is not set, or has no user\n" + USAGE, 2);
        }
        String command = arguments.isEmpty() ? "" : arguments.get(0);
        int count = arguments.size();
        if (command.equals("file") && count >= 2 && count <= 3 && isFile(arguments.get(1))) {
            return file("dossier.filed", arguments.subList(1, count));
        }
        if (command.equals("file") && count >= 3 && count <= 4 && arguments.get(1).matches(KIND) && isFile(arguments.get(2))) {
            return file(arguments.get(1), arguments.subList(2, count));
        }
        if (command.equals("follow") && count == 1) {
            return follow();
        }
        if (command.equals("ask") && count == 2) {
            return ask(arguments.get(1));
        }
        throw new Ended(USAGE, 2);
    }

    private static boolean isFile(String name) {
        return Files.isRegularFile(Path.of(name));
    }

    /** Opens a connection and a channel, and does something with it. */
    private <T> T onChannel(Use<T> use) throws Exception {
        // Its usual resolver connects to an IP address, with which no certificate's name agrees.
        Address address = new Address(factory.getHost(), factory.getPort());
        Connection connection = factory.newConnection(new ListAddressResolver(List.of(address)));
        try {
            Channel channel = connection.createChannel();
            try {
                return use.on(channel);
            } finally {
                channel.abort(); // closes; before the connection, or the last acknowledgements may be lost
            }
        } finally {
            connection.abort(CLOSE_MILLISECONDS);
        }
    }

    /** Says whether it is a wrong password, no right, no such exchange: trying again does not help. */
    private static boolean isRefused(Throwable error) {
        return error instanceof AuthenticationFailureException || Set.of(403, 404, 406).contains(codeOf(error));
    }

    /** Gives the code with which the broker closed the channel, and 0 where it did not. Some methods wrap the exception, some do not. */
    private static int codeOf(Throwable error) {
        for (Throwable each = error; each != null; each = each.getCause()) {
            if (each instanceof ShutdownSignalException signal && signal.getReason() instanceof AMQP.Channel.Close close) {
                return close.getReplyCode();
            }
        }
        return 0;
    }

    private static String text(Throwable error) {
        return error.getMessage() == null && error.getCause() != null ? text(error.getCause()) : String.valueOf(error.getMessage());
    }

    /** Publishes until the broker has confirmed it. It is the same message each time, so nothing is done twice. */
    private void publish(String event, byte[] body, String id) throws Exception {
        for (int wait = 1; ; wait = Math.min(2 * wait, LONGEST_WAIT_SECONDS)) {
            try {
                onChannel(channel -> publishOnce(channel, event, body, id));
                return;
            } catch (InterruptedException stopped) {
                throw stopped;
            } catch (Exception error) {
                if (isRefused(error)) {
                    throw error;
                }
                // not there, lost, too slow, or too full: it may have taken the message or not
                tell(id + " is not confirmed (" + text(error) + "); again in " + wait + " s");
            }
            TimeUnit.SECONDS.sleep(wait);
        }
    }

    private Void publishOnce(Channel channel, String event, byte[] body, String id) throws Exception {
        AMQP.BasicProperties properties = new AMQP.BasicProperties.Builder()
            .headers(Map.of("ce-specversion", "1.0", "ce-id", id, "ce-source", source, "ce-type", "vn.ocop." + event + ".v1"))
            .contentType("application/json")
            .deliveryMode(2)
            .messageId(id)
            .userId(user) // who files; without it a question is not answered
            .build();
        channel.confirmSelect();
        channel.basicPublish("ocop.intake", event + ".v1", properties, body);
        // Throws where it is not confirmed, and where the broker closes the channel in the place of a confirm: it refuses.
        channel.waitForConfirmsOrDie(CONFIRM_MILLISECONDS);
        return null;
    }

    /** Files a dossier, or another kind. Its answer comes on our queue; `correlation_id` is the id. */
    private int file(String event, List<String> arguments) throws Exception {
        String id = arguments.size() > 1 ? arguments.get(1) : UUID.randomUUID().toString();
        tell("Filing " + id); // known before it is sent: where this program dies, file again under the same id
        publish(event, Files.readAllBytes(Path.of(arguments.get(0))), id);
        print(id);
        return 0;
    }

    /** Handles every event on our queue, until a signal: acknowledged after it was handled, so none is lost. */
    private int follow() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        endOnSignal(Thread.currentThread(), closed);
        Set<String> seen = new HashSet<>(); // a real program keeps the ids with what it has made of the events
        try {
            while (true) {
                TimeUnit.SECONDS.sleep(followOnce(seen));
            }
        } finally {
            closed.countDown();
        }
    }

    /** On Ctrl-C and SIGTERM lets the channel be closed before Java ends: what was handled is acknowledged, the rest given back. */
    private static void endOnSignal(Thread following, CountDownLatch closed) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            following.interrupt();
            try {
                closed.await(CLOSE_MILLISECONDS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException never) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    /** Follows until that ends. Gives how long to wait then, in seconds. */
    private int followOnce(Set<String> seen) throws Exception {
        try {
            return onChannel(channel -> handleAll(channel, seen));
        } catch (Cancelled cancelled) {
            tell("No longer following " + inbox);
        } catch (InterruptedException stopped) {
            throw stopped;
        } catch (Exception error) {
            if (codeOf(error) == 404) { // deleted, or not made yet: the operator can do something, we cannot
                tell("There is no queue " + inbox + ": tell the operator; again in " + LONGEST_WAIT_SECONDS + " s");
                return LONGEST_WAIT_SECONDS;
            }
            if (isRefused(error)) {
                throw error;
            }
            tell("Not connected (" + text(error) + ")");
        }
        return 1;
    }

    private int handleAll(Channel channel, Set<String> seen) throws Exception {
        channel.basicQos(20);
        BlockingQueue<Optional<Delivery>> arrived = consume(channel, Map.of());
        tell("Following " + inbox);
        while (true) {
            Delivery delivery = opened(arrived.take(), channel);
            handle(delivery, seen);
            channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
        }
    }

    /** Lets what the broker hands us wait for this thread: the library's own must not be held up. At the end comes nothing. */
    private BlockingQueue<Optional<Delivery>> consume(Channel channel, Map<String, Object> arguments) throws IOException {
        BlockingQueue<Optional<Delivery>> arrived = new LinkedBlockingQueue<>();
        channel.basicConsume(
            inbox,
            false,
            arguments,
            (tag, delivery) -> arrived.add(Optional.of(delivery)),
            tag -> arrived.add(Optional.empty()),
            (tag, signal) -> arrived.add(Optional.empty()));
        return arrived;
    }

    private static Delivery opened(Optional<Delivery> delivery, Channel channel) throws Cancelled {
        if (delivery.isEmpty() && channel.getCloseReason() != null) {
            throw channel.getCloseReason();
        }
        return delivery.orElseThrow(Cancelled::new);
    }

    /** Prints an event unless it was seen before; what cannot be read is told, and must not come again and again. */
    private static void handle(Delivery delivery, Set<String> seen) {
        String id = header(delivery, "ce-id");
        if (seen.contains(id)) {
            return;
        }
        try {
            print(LINE.toJson(asLine(delivery)));
        } catch (IOException | RuntimeException error) {
            tell("Cannot be read: " + id + ", " + delivery.getBody().length + " bytes");
        }
        if (id != null) {
            seen.add(id);
        }
    }

    private static void print(String line) {
        System.out.println(line);
        if (System.out.checkError()) { // it throws nothing where whoever read our lines has gone, `head` say
            Runtime.getRuntime().halt(1); // at once: the event stays on the queue
        }
    }

    /** Gives a header as text: it comes as a LongString, which equals no String. */
    private static String header(Delivery delivery, String name) {
        Map<String, Object> headers = delivery.getProperties().getHeaders();
        Object value = headers == null ? null : headers.get(name);
        return value == null ? null : value.toString();
    }

    /** Gives an event in short: `story` is the id of the dossier that it is about, `answers` of the event before it. */
    private static JsonObject asLine(Delivery delivery) throws IOException {
        JsonObject line = new JsonObject();
        line.addProperty("event", header(delivery, "ce-type"));
        line.addProperty("id", header(delivery, "ce-id"));
        line.addProperty("subject", header(delivery, "ce-subject"));
        line.addProperty("time", header(delivery, "ce-time"));
        line.addProperty("story", header(delivery, "ce-correlationid"));
        line.addProperty("answers", header(delivery, "ce-causationid"));
        line.add("data", data(delivery));
        return line;
    }

    /** Reads the data as it came, numbers as well. Gson's JsonParser would take no JSON at all for null, and a bare word for text. */
    private static JsonElement data(Delivery delivery) throws IOException {
        JsonReader reader = new JsonReader(new StringReader(new String(delivery.getBody(), StandardCharsets.UTF_8)));
        JsonElement data = LINE.getAdapter(JsonElement.class).read(reader);
        if (reader.peek() != JsonToken.END_DOCUMENT) {
            throw new IOException("more than one value");
        }
        return data;
    }

    /** Asks how a product stands, and prints the answer. */
    private int ask(String code) throws Exception {
        String id = UUID.randomUUID().toString();
        byte[] question = LINE.toJson(Map.of("product_code", code)).getBytes(StandardCharsets.UTF_8);
        return onChannel(channel -> {
            channel.basicQos(MOST_LOOKED_AT);
            // Before a `follow` that runs beside us. Events go back to the queue when the channel is closed.
            BlockingQueue<Optional<Delivery>> arrived = consume(channel, Map.of("x-priority", 10));
            publish("product.query", question, id);
            Delivery answer = answerTo(id, arrived, channel);
            JsonObject line = asLine(answer);
            print(INDENTED.toJson(line));
            channel.basicAck(answer.getEnvelope().getDeliveryTag(), false);
            JsonElement known = line.getAsJsonObject("data").get("known");
            return known != null && known.getAsBoolean() ? 0 : 1;
        });
    }

    private static Delivery answerTo(String id, BlockingQueue<Optional<Delivery>> arrived, Channel channel) throws Exception {
        long late = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS);
        for (int events = 0; events < MOST_LOOKED_AT; ) {
            Optional<Delivery> next = arrived.poll(late - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) {
                throw new Ended("No answer in " + ANSWER_SECONDS + " s: ask again", 1);
            }
            Delivery delivery = opened(next, channel);
            if (id.equals(header(delivery, "ce-causationid"))) {
                return delivery;
            }
            if (ANSWERS.contains(String.valueOf(header(delivery, "ce-type")))) { // to another `ask`, which is to have it now
                TimeUnit.MILLISECONDS.sleep(GIVE_BACK_MILLISECONDS);
                channel.basicNack(delivery.getEnvelope().getDeliveryTag(), false, true);
            } else {
                events++;
            }
        }
        // the broker hands out no more
        throw new Ended(MOST_LOOKED_AT + " events wait before the answer: read first what waits (follow)", 1);
    }
}

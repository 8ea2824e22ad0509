// An integration of OCOP: files dossiers, follows what comes of them, asks how products stand.
//
//	ocop-client file DOSSIER.json [ID]    file it, and print its id once the broker has it for good
//	ocop-client file scorecard.filed CARD.json [ID]    the same with another kind: a scorecard, a recognition, …
//	ocop-client follow                    print every event on our queue, a line of JSON each, until a signal
//	ocop-client ask 01-09574-1-2026       print how a product stands
//
//	OCOP_AMQP_URL   as the operator gave it: amqps://integration.<name>:<password>@<host>:5671/%2F
//	OCOP_SOURCE     who we are, always the same (/portals/<name>)
//	OCOP_CA_FILE    the authority of the broker's certificate, where it is not one that this machine knows
//
// Needs Go 1.19 and amqp091-go. Ends with 0: done; 1: refused, not found or not answered; 2: wrongly called;
// 130 or 143: by Ctrl-C or SIGTERM.
package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	usage = "usage: ocop-client file [EVENT] FILE.json [ID] | follow | ask PRODUCT-CODE"

	connectTimeout = 10 * time.Second
	closeTimeout   = 5 * time.Second
	confirmTimeout = 30 * time.Second
	answerTimeout  = 30 * time.Second
	longestWait    = 30 * time.Second
	giveBackDelay  = 100 * time.Millisecond
	mostLookedAt   = 1_000
)

var (
	kind = regexp.MustCompile(`^[a-z]+\.[a-z-]+$`)

	errCancelled = errors.New("the broker cancelled us") // the queue was deleted; channel and connection stay open
)

// ended is how a command ends that is not done: with a word about it and the exit code.
type ended struct {
	text string
	code int
}

func (e ended) Error() string { return e.text }

// client is a connection's settings.
type client struct {
	url, user, inbox, source string
	trusted                  *tls.Config
}

func main() {
	signal.Ignore(syscall.SIGPIPE) // printing fails then where nobody reads any more, and the event stays on the queue
	client, err := configured()
	if err == nil {
		err = client.run(os.Args[1:])
	}
	var end ended
	switch {
	case err == nil:
	case errors.As(err, &end):
		if end.text != "" {
			tell("%s", end.text)
		}
		os.Exit(end.code)
	case isRefused(err):
		tell("The broker refuses: %v", err)
		os.Exit(1)
	default:
		tell("The broker cannot be reached: %v", err)
		os.Exit(1)
	}
}

// tell reports how it goes, beside what is printed for programs.
func tell(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
}

// configured reads the settings. What cannot be read is not repeated: it may hold a password.
func configured() (*client, error) {
	address, err := url.Parse(os.Getenv("OCOP_AMQP_URL"))
	if err == nil && address.Host != "" {
		_, err = amqp.ParseURI(address.String())
	}
	if err != nil {
		return nil, ended{"OCOP_AMQP_URL cannot be read", 2}
	}
	trusted, err := trustedBy(os.Getenv("OCOP_CA_FILE"))
	if err != nil {
		return nil, ended{"OCOP_CA_FILE cannot be read", 2}
	}
	user := address.User.Username() // integration.<name>
	source, set := os.LookupEnv("OCOP_SOURCE")
	if !set {
		source = "/portals/" + strings.TrimPrefix(user, "integration.")
	}
	return &client{address.String(), user, user + ".events", source, trusted}, nil
}

// trustedBy returns whose certificates we accept: an authority of our own, or those that the machine knows.
func trustedBy(file string) (*tls.Config, error) {
	if file == "" {
		return &tls.Config{}, nil
	}
	certificates, err := os.ReadFile(file)
	authorities := x509.NewCertPool()
	if err == nil && !authorities.AppendCertsFromPEM(certificates) {
		err = errors.New("no certificate")
	}
	return &tls.Config{RootCAs: authorities}, err
}

// run does what the command line says.
func (c *client) run(arguments []string) error {
	command, arguments := first(arguments)
	switch {
	case c.user == "":
		return ended{"OCOP_AMQP_URL is not set, or has no user\n" + usage, 2}
	case command == "file":
		return c.runFile(arguments)
	case command == "follow" && len(arguments) == 0:
		return c.follow()
	case command == "ask" && len(arguments) == 1:
		return c.ask(arguments[0])
	}
	return ended{usage, 2}
}

func (c *client) runFile(arguments []string) error {
	event := "dossier.filed"
	path, rest := first(arguments)
	body, err := os.ReadFile(path)
	if err != nil && kind.MatchString(path) {
		event = path
		path, rest = first(rest)
		body, err = os.ReadFile(path)
	}
	if err != nil || len(rest) > 1 {
		return ended{usage, 2}
	}
	id := newID()
	if len(rest) == 1 {
		id = rest[0]
	}
	tell("Filing %s", id) // known before it is sent: where this program dies, file again under the same id
	if err := c.publish(event, body, id); err != nil {
		return err
	}
	fmt.Println(id)
	return nil
}

func first(values []string) (string, []string) {
	if len(values) == 0 {
		return "", nil
	}
	return values[0], values[1:]
}

// newID returns a random UUID.
func newID() string {
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		panic(err)
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// onChannel opens a connection and a channel and does something with it. What closes the channel meanwhile is in closed.
func (c *client) onChannel(use func(channel *amqp.Channel, closed <-chan *amqp.Error) error) error {
	connection, err := amqp.DialConfig(c.url, amqp.Config{
		Heartbeat:       10 * time.Second,
		Locale:          "en_US",
		Dial:            amqp.DefaultDial(connectTimeout),
		TLSClientConfig: c.trusted.Clone(),
	})
	if err != nil {
		return err
	}
	defer closeInTime(connection)
	channel, err := connection.Channel()
	if err != nil {
		return err
	}
	defer closeInTime(channel) // before the connection, or the last acknowledgements may be lost
	// With room for the one error that comes: without it the library waits for us, for ever.
	return use(channel, channel.NotifyClose(make(chan *amqp.Error, 1)))
}

// closeInTime closes, and does not wait for a broker that says nothing more.
func closeInTime(open io.Closer) {
	done := make(chan error, 1)
	go func() { done <- open.Close() }()
	select {
	case <-done:
	case <-time.After(closeTimeout):
	}
}

// reason says why confirms or deliveries have ended.
func reason(closed <-chan *amqp.Error) error {
	select {
	case err := <-closed:
		if err != nil { // a nil *amqp.Error would be an error that is not nil
			return err
		}
	default:
	}
	return errCancelled
}

// isRefused: wrong password, no right, no such exchange; trying again does not help.
func isRefused(err error) bool {
	var said *amqp.Error
	if !errors.As(err, &said) {
		return false
	}
	return said.Code == amqp.AccessRefused || said.Code == amqp.NotFound || said.Code == amqp.PreconditionFailed
}

// publish publishes until the broker has confirmed it. It is the same message each time, so nothing is done twice.
func (c *client) publish(event string, body []byte, id string) error {
	for wait := time.Second; ; wait *= 2 {
		err := c.publishOnce(event, body, id)
		if err == nil || isRefused(err) {
			return err
		}
		if wait > longestWait {
			wait = longestWait
		}
		// not there, lost, too slow, or too full: it may have taken the message or not
		tell("%s is not confirmed (%v); again in %.0f s", id, err, wait.Seconds())
		time.Sleep(wait)
	}
}

func (c *client) publishOnce(event string, body []byte, id string) error {
	return c.onChannel(func(channel *amqp.Channel, closed <-chan *amqp.Error) error {
		if err := channel.Confirm(false); err != nil {
			return err
		}
		// Not a DeferredConfirmation: before 1.8 its Wait may miss a confirm that comes at once, and hang.
		confirms := channel.NotifyPublish(make(chan amqp.Confirmation, 1))
		err := channel.PublishWithContext(context.Background(), "ocop.intake", event+".v1", false, false, c.message(event, body, id))
		if err != nil {
			return err
		}
		select {
		case confirm, open := <-confirms:
			if !open { // a publish that is refused closes the channel, in the place of a confirm
				return reason(closed)
			}
			if !confirm.Ack {
				return errors.New("the broker did not take it")
			}
			return nil
		case <-time.After(confirmTimeout):
			return errors.New("no confirm in time")
		}
	})
}

func (c *client) message(event string, body []byte, id string) amqp.Publishing {
	return amqp.Publishing{
		Headers: amqp.Table{
			"ce-specversion": "1.0",
			"ce-id":          id,
			"ce-source":      c.source,
			"ce-type":        "vn.ocop." + event + ".v1",
		},
		ContentType:  "application/json",
		DeliveryMode: amqp.Persistent,
		MessageId:    id,
		UserId:       c.user, // who files; without it a question is not answered
		Body:         body,
	}
}

// follow handles every event on our queue, until a signal: acknowledged after it was handled, so none is lost.
func (c *client) follow() error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	seen := map[string]bool{} // a real program keeps the ids with what it has made of the events
	for {
		wait := time.Second
		err := c.followOnce(signals, seen)
		var end ended
		var said *amqp.Error
		switch {
		case errors.As(err, &end):
			return end
		case errors.Is(err, errCancelled):
			tell("No longer following %s", c.inbox)
		case errors.As(err, &said) && said.Code == amqp.NotFound: // the operator can do something, we cannot
			wait = longestWait
			tell("There is no queue %s: tell the operator; again in %.0f s", c.inbox, wait.Seconds())
		case isRefused(err):
			return err
		default:
			tell("Not connected (%v)", err)
		}
		select {
		case name := <-signals:
			return endedBy(name)
		case <-time.After(wait):
		}
	}
}

func (c *client) followOnce(signals <-chan os.Signal, seen map[string]bool) error {
	return c.onChannel(func(channel *amqp.Channel, closed <-chan *amqp.Error) error {
		if err := channel.Qos(20, 0, false); err != nil {
			return err
		}
		deliveries, err := channel.Consume(c.inbox, "", false, false, false, false, nil)
		if err != nil {
			return err
		}
		tell("Following %s", c.inbox)
		for {
			select {
			case name := <-signals:
				return endedBy(name) // what waits here is given back when the channel is closed
			case delivery, open := <-deliveries:
				if !open {
					return reason(closed)
				}
				handle(delivery, seen)
				if err := delivery.Ack(false); err != nil {
					return err
				}
			}
		}
	})
}

func endedBy(name os.Signal) error {
	return ended{code: 128 + int(name.(syscall.Signal))}
}

// handle prints an event unless it was seen before; what cannot be read is told, and must not come again and again.
func handle(delivery amqp.Delivery, seen map[string]bool) {
	id, _ := delivery.Headers["ce-id"].(string)
	if seen[id] {
		return
	}
	if !json.Valid(delivery.Body) {
		tell("Cannot be read: %s, %d bytes", id, len(delivery.Body))
	} else if err := show(delivery, ""); err != nil { // whoever read our lines has gone; the event stays on the queue
		os.Exit(1)
	}
	if id != "" {
		seen[id] = true
	}
}

// show prints an event in short: story is the id of the dossier that it is about, answers of the event before it.
func show(delivery amqp.Delivery, indent string) error {
	headers := delivery.Headers
	printer := json.NewEncoder(os.Stdout)
	printer.SetEscapeHTML(false) // or < > & come out as \u003c \u003e \u0026
	printer.SetIndent("", indent)
	return printer.Encode(struct {
		Event   any             `json:"event"`
		ID      any             `json:"id"`
		Subject any             `json:"subject"`
		Time    any             `json:"time"`
		Story   any             `json:"story"`
		Answers any             `json:"answers"`
		Data    json.RawMessage `json:"data"` // as it came: a map of our own would turn numbers into floats
	}{
		headers["ce-type"], headers["ce-id"], headers["ce-subject"], headers["ce-time"],
		headers["ce-correlationid"], headers["ce-causationid"], delivery.Body,
	})
}

// ask asks how a product stands, and prints the answer.
func (c *client) ask(code string) error {
	id := newID()
	question, err := json.Marshal(map[string]string{"product_code": code})
	if err != nil {
		return err
	}
	return c.onChannel(func(channel *amqp.Channel, closed <-chan *amqp.Error) error {
		if err := channel.Qos(mostLookedAt, 0, false); err != nil {
			return err
		}
		// Before a `follow` that runs beside us. Events go back to the queue when the channel is closed.
		first := amqp.Table{"x-priority": int32(10)}
		deliveries, err := channel.Consume(c.inbox, "", false, false, false, false, first)
		if err != nil {
			return err
		}
		if err := c.publish("product.query", question, id); err != nil {
			return err
		}
		answer, err := answerTo(id, deliveries, closed)
		if err != nil {
			return err
		}
		return finish(answer)
	})
}

// answerTo returns the delivery that answers our question.
func answerTo(id string, deliveries <-chan amqp.Delivery, closed <-chan *amqp.Error) (amqp.Delivery, error) {
	late := time.After(answerTimeout)
	for events := 0; events < mostLookedAt; {
		select {
		case delivery, open := <-deliveries:
			switch {
			case !open:
				return delivery, reason(closed)
			case delivery.Headers["ce-causationid"] == id:
				return delivery, nil
			case isAnswer(delivery): // to another `ask`, which is to have it now
				time.AfterFunc(giveBackDelay, func() { _ = delivery.Nack(false, true) })
			default:
				events++
			}
		case <-late:
			return amqp.Delivery{}, ended{fmt.Sprintf("No answer in %.0f s: ask again", answerTimeout.Seconds()), 1}
		}
	}
	// the broker hands out no more
	text := fmt.Sprintf("%d events wait before the answer: read first what waits (follow)", mostLookedAt)
	return amqp.Delivery{}, ended{text, 1}
}

func isAnswer(delivery amqp.Delivery) bool {
	name := delivery.Headers["ce-type"]
	return name == "vn.ocop.product.state.v1" || name == "vn.ocop.query.rejected.v1"
}

func finish(answer amqp.Delivery) error {
	var state struct{ Known bool }
	if err := json.Unmarshal(answer.Body, &state); err != nil {
		return err
	}
	if err := show(answer, "  "); err != nil {
		return err
	}
	if err := answer.Ack(false); err != nil {
		return err
	}
	if !state.Known {
		return ended{code: 1}
	}
	return nil
}

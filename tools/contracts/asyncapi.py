"""The AsyncAPI 3 documents: one for each service, and one for the system as integrations see it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.contracts.catalogue import (
    ANSWERS,
    CATALOGUE,
    DOSSIER_EXAMINED,
    DOSSIER_TRIED,
    EVENTS,
    INTAKE,
    PRODUCT_QUERY,
    PRODUCT_STATE,
    QUERY_REJECTED,
    REGISTER_PAGE,
    REGISTER_QUERY,
    TRIAL_RESULT,
    EventType,
)
from shared.messaging.routing import binding_key
from shared.messaging.topology import EXCHANGES, QUESTION_WAITS, Subscription
from shared.system import SYSTEM
from tools.contracts.cloudevents import binary_message, structured_message
from tools.contracts.messages import STRUCTURED, Message
from tools.contracts.schemas import Schema, components_of, mapped

#: The system as a whole, beside the services' names.
OCOP = "ocop"

AsyncApiDocument = dict[str, Any]
#: Routing key → name of the scenario → message.
Examples = Mapping[str, Mapping[str, Message]]

_BINDING = "0.3.0"
_INTEGRATION_QUEUE, _INTEGRATION_KEY = "integration.{name}.events", "to.integration.{name}"
_INTEGRATION_PLACE, _ANSWERS_PLACE, _TRIALS_PLACE = "integration.events", "answers", "trials"
_PLACE_OF_EVENT = {
    "province": {"description": "Code of the province, two digits; `-` where it is not known.", "examples": ["01"]},
    "commune": {"description": "Code of the commune, five digits; `-` where it is not known.", "examples": ["09574"]},
}
_NAME = {"name": {"description": "The integration's name; its user is `integration.{name}`."}}
#: What integrations write, and what to do with it.
_FILED = tuple(event_type for event_type in CATALOGUE if event_type.exchange == INTAKE)
_FOR_YOU = {
    "dossier.filed": "Publish a dossier here, with publisher confirms.",
    "producer.contact": "Publish here how the producer of a product can be reached from now on, with your `user_id`.",
    "producer.preferences": "Publish here how the producer of a product wants to be alerted from now on, with your "
    "`user_id`.",
    "producer.succeeded": "An office files here that a product's producer goes on under new numbers, with the paper "
    "that proves it.",
    "product.query": "Ask here how a product stands, with your `user_id`, if you see `product.rated`: the answer "
    "comes to your own queue.",
    "register.query": "Ask here how all products of your places stand, page by page, with your `user_id`, if you see "
    "`product.rated`: the answer comes to your own queue.",
    "dossier.tried": "Publish a dossier here, with your `user_id`, to learn what filing it would be answered with: "
    "nothing of it is recorded, and the answer comes to your own queue.",
}
#: Question → what answers it, to who asked.
_REPLIES: Mapping[EventType[Any], tuple[EventType[Any], ...]] = {
    PRODUCT_QUERY: (PRODUCT_STATE, QUERY_REJECTED),
    REGISTER_QUERY: (REGISTER_PAGE, QUERY_REJECTED),
    DOSSIER_TRIED: (TRIAL_RESULT,),
    DOSSIER_EXAMINED: (TRIAL_RESULT,),
}
_ABOUT = {
    OCOP: "OCOP (“Mỗi xã một sản phẩm”, One Commune One Product) rates Vietnam's rural products from one to five "
    "stars, by Decision 26/2026/QĐ-TTg. A dossier goes in; a product code, a rating of its self-assessment and an "
    "alert to the producer come out. This is the system as an integration sees it: it receives what integrations file "
    "and sends what they may see.",
    "registry": "Owns the product: is the dossier acceptable, and which product code does it have.",
    "evaluation": "Owns the rating: the 26 score sheets, points, stars, and advice on the way to the next star.",
    "notifications": "Owns the alert: who is alerted of what, in which language, over which channel, and whether it "
    "was taken over.",
}
_CONTRACT = (
    "Messages are CloudEvents 1.0. Contracts only grow: pass over fields that you do not know. A change that breaks a "
    "reader is a new version, with a type and a routing key of its own. A message may come more than once, with the "
    "same id and the same bytes (but product.state and register.page, which say what is true when they are given)."
)


@dataclass(frozen=True)
class _Place:
    """Where messages are: a channel of the document, and the operation of the document's application upon it."""

    name: str
    channel: AsyncApiDocument
    operation: str
    action: str
    summary: str
    messages: tuple[str, ...]
    #: where what is received is answered, and by which messages
    reply: tuple[str, tuple[str, ...]] | None = None

    def operated(self) -> AsyncApiDocument:
        """Return the operation."""
        bindings: AsyncApiDocument = {"amqp": {"deliveryMode": 2, "timestamp": True, "bindingVersion": _BINDING}}
        if self.action == "receive":
            bindings = {"amqp": {"ack": True, "bindingVersion": _BINDING}}
        return {
            "action": self.action,
            "summary": self.summary,
            **_in_channel(self.name, self.messages),
            **({"reply": _in_channel(*self.reply)} if self.reply else {}),
            "bindings": bindings,
        }


def _in_channel(name: str, messages: Sequence[str]) -> AsyncApiDocument:
    """Return a reference to a channel, and to those of its messages that are meant."""
    return {
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{message}"} for message in messages],
    }


def document(application: str, examples: Examples, *, version: str) -> AsyncApiDocument:
    """Return the document of a service, or of the whole system."""
    places = _system() if application == OCOP else _service(application)
    used = {name for place in places for name in place.messages}
    messages = {name: message for name, message in _messages(examples).items() if name in used}
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:ocop:{application}",
        "info": {
            "title": "OCOP" if application == OCOP else f"OCOP {application}",
            "version": version,
            "description": f"{_ABOUT[application]}\n\n{_CONTRACT}",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"broker": _SERVER},
        "channels": {place.name: place.channel for place in places},
        "operations": {place.operation: place.operated() for place in places},
        "components": {
            "messages": messages,
            "schemas": _schemas(messages),
            "securitySchemes": {
                "user": {"type": "userPassword", "description": "A user of the broker for each party."}
            },
        },
    }


_SERVER: AsyncApiDocument = {
    "host": "{host}",
    "protocol": "amqps",
    "protocolVersion": "0.9.1",
    "description": "The RabbitMQ of the installation, over TLS; in a private network also `amqp`. Virtual host: `/`.",
    "variables": {"host": {"description": "Host and port, as the operator names them."}},
    "security": [{"$ref": "#/components/securitySchemes/user"}],
}


def _service(service: str) -> list[_Place]:
    inboxes = [each for each in SYSTEM[service].inboxes if not each[0].event_type.is_task]  # a service's own business
    received = [place for subscriptions in inboxes for place in _queue(subscriptions)]
    return [*received, *_sent([kind for kind in SYSTEM[service].announces if not kind.is_task])]


def _system() -> list[_Place]:
    announced = (each for kinds in (service.announces for service in SYSTEM.services) for each in kinds)
    sent = tuple(each for each in announced if not each.is_task)
    return [*_intake(), *_sent(sent), _integration([each for each in sent if not each.is_question])]


def _sent(kinds: Sequence[EventType[Any]]) -> list[_Place]:
    answering = [each for each in CATALOGUE if each.is_answer and each in kinds]
    to_askers = [each for each in answering if each != TRIAL_RESULT]
    return [
        *(_announced(each) for each in kinds if not each.is_answer),
        *([_answers(to_askers)] if to_askers else []),
        *([_trials()] if TRIAL_RESULT in answering else []),
    ]


def _queue(subscriptions: Sequence[Subscription]) -> Iterator[_Place]:
    """Return a place for each kind of event that comes by a queue; the queue is one channel."""
    channel = _queue_channel(subscriptions)
    for event_type in (each.event_type for each in subscriptions):
        key, summary = event_type.routing_key, f"What {', '.join(_writers(event_type))} wrote."
        reply = _reply(event_type, _TRIALS_PLACE if TRIAL_RESULT in _REPLIES.get(event_type, ()) else _ANSWERS_PLACE)
        yield _Place(channel["address"], channel, f"receive.{key}", "receive", summary, _names(event_type), reply)


def _queue_channel(subscriptions: Sequence[Subscription]) -> AsyncApiDocument:
    queue, first, kinds = subscriptions[0].queue, subscriptions[0], [each.event_type for each in subscriptions]
    keys = ", ".join(f"`{kind.routing_key}`" for kind in kinds)
    waits = f"What waits for {QUESTION_WAITS // 60_000} minutes is kept there too. " if kinds[0].is_question else ""
    order = "One consumer at a time reads it, in order. " if first.in_order else ""
    early = f"What comes too early waits {', '.join(first.early)}. " if first.early else ""
    return {
        "address": queue,
        "title": queue,
        "description": f"Quorum queue for {keys}. {order}{early}What a bug or a fault elsewhere keeps from being "
        f"handled is tried again after {', '.join(first.delays)}; then it is kept in `{first.dead}`. {waits}".rstrip(),
        "messages": _refs([name for kind in kinds for name in _names(kind)]),
        "bindings": {
            "amqp": {
                "is": "queue",
                "queue": {"name": queue, "durable": True, "exclusive": False, "autoDelete": False},
                "bindingVersion": _BINDING,
            }
        },
        "x-bound-to": [{"exchange": kind.exchange, "routingKey": binding_key(kind)} for kind in kinds],
    }


def _intake() -> list[_Place]:
    """Return what integrations write; a question is answered on the queue of who asked."""
    return [
        _Place(
            *(each.routing_key, _routed(each), f"receive.{each.routing_key}", "receive", _for_you(each)),
            _names(each),
            _reply(each, _INTEGRATION_PLACE),
        )
        for each in _FILED
    ]


def _for_you(event_type: EventType[Any]) -> str:
    """Return what an integration does with a kind; else what the kind is, as its model says."""
    _, _, what = (event_type.model.__doc__ or "").partition(": ")
    sentence = " ".join(what.partition("\n\n")[0].split())
    return _FOR_YOU.get(event_type.name) or f"An office files here: {sentence}"


def _reply(event_type: EventType[Any], place: str) -> tuple[str, tuple[str, ...]] | None:
    replies = _REPLIES.get(event_type)
    return (place, tuple(each.routing_key for each in replies)) if replies else None


def _announced(event_type: EventType[Any]) -> _Place:
    key = event_type.routing_key
    summary = f"Announced by {', '.join(_writers(event_type))}."
    return _Place(key, _routed(event_type), f"send.{key}", "send", summary, _names(event_type))


def _answers(kinds: Sequence[EventType[Any]]) -> _Place:
    names = tuple(each.routing_key for each in kinds)
    channel = {
        "address": _INTEGRATION_QUEUE,
        "title": "answers to who asked",
        "description": f"On the exchange `{ANSWERS}` the routing key is the queue of the integration that asked, known "
        "by its user on the broker; a `reply_to` is not looked at. No other integration sees the answer.",
        "parameters": _NAME,
        "messages": _refs(names),
        "bindings": _on_exchange(ANSWERS),
    }
    return _Place(_ANSWERS_PLACE, channel, "send.answers", "send", "To the queue of who asked, and no other.", names)


def _trials() -> _Place:
    channel = {
        "address": _INTEGRATION_KEY,
        "title": "what came of trials",
        "description": f"On the exchange `{ANSWERS}` the routing key is `to.` and the user of the integration that "
        "tried a dossier, which the broker has checked. It comes to that integration's queue, and no other.",
        "parameters": _NAME,
        "messages": _refs(_names(TRIAL_RESULT)),
        "bindings": _on_exchange(ANSWERS),
    }
    summary = "To the queue of who tried a dossier, and no other."
    return _Place(_TRIALS_PLACE, channel, "send.trials", "send", summary, _names(TRIAL_RESULT))


def _on_exchange(exchange: str) -> AsyncApiDocument:
    properties = {"name": exchange, "type": EXCHANGES[exchange], "durable": True, "autoDelete": False}
    return {"amqp": {"is": "routingKey", "exchange": properties, "bindingVersion": _BINDING}}


def _routed(event_type: EventType[Any]) -> AsyncApiDocument:
    exchange, address = event_type.exchange, event_type.routing_key
    placed = exchange == EVENTS
    return {
        "address": f"{address}.{{province}}.{{commune}}" if placed else address,
        "title": event_type.name,
        "description": f"Routing key `{event_type.routing_key}` on the exchange `{exchange}`"
        + (", with the place behind it." if placed else "."),
        **({"parameters": _PLACE_OF_EVENT} if placed else {}),
        "messages": _refs(_names(event_type)),
        "bindings": _on_exchange(exchange),
        "x-written-by": list(_writers(event_type)),
        "x-read-by": list(_readers(event_type)),
    }


def _integration(sent: Sequence[EventType[Any]]) -> _Place:
    names = tuple(each.routing_key for each in sent)
    channel = {
        "address": _INTEGRATION_QUEUE,
        "title": "the queue of an integration",
        "description": "Each integration has one queue, with the answers to what it filed and asked, and the events "
        "that its scope lets it see. Consume from it and acknowledge. Where 1 GiB waits, the oldest are dropped.",
        "parameters": _NAME,
        "messages": _refs(names),
        "bindings": {
            "amqp": {
                "is": "queue",
                "queue": {"name": _INTEGRATION_QUEUE, "durable": True, "exclusive": False, "autoDelete": False},
                "bindingVersion": _BINDING,
            }
        },
    }
    summary = "The answers to what you filed and asked, and what you see of your places."
    return _Place(_INTEGRATION_PLACE, channel, "send.integration.events", "send", summary, names)


def _writers(event_type: EventType[Any]) -> tuple[str, ...]:
    return tuple(service for service in SYSTEM.names if event_type in SYSTEM[service].announces) or ("integrations",)


def _readers(event_type: EventType[Any]) -> tuple[str, ...]:
    own = tuple(each.service for each in SYSTEM.subscriptions if each.event_type == event_type)
    return own if event_type in _FILED or event_type.is_question else (*own, "integrations")


def _names(event_type: EventType[Any]) -> tuple[str, ...]:
    key = event_type.routing_key
    return (key, f"{key}.structured") if event_type in _FILED else (key,)


def _refs(names: Sequence[str]) -> AsyncApiDocument:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _messages(examples: Examples) -> AsyncApiDocument:
    found: AsyncApiDocument = {}
    for event_type in CATALOGUE:
        messages = examples[event_type.routing_key]
        binary = _first(messages, structured=False)
        writers = () if event_type in _FILED else _writers(event_type)
        found[event_type.routing_key] = binary_message(event_type, writers, binary)
        if event_type in _FILED:
            structured = _first(messages, structured=True)
            found[f"{event_type.routing_key}.structured"] = structured_message(event_type, structured)
    return found


def _first(messages: Mapping[str, Message], *, structured: bool) -> list[tuple[str, Message]]:
    """Return the first example of a mode; the others lie in docs/examples."""
    fitting = [each for each in messages.items() if (each[1].properties["content_type"] == STRUCTURED) is structured]
    return fitting[:1]


def _schemas(messages: AsyncApiDocument) -> AsyncApiDocument:
    """Return the models of these messages' data; AsyncAPI has them in one place, and references cannot be described."""
    found: AsyncApiDocument = {}
    for event_type in CATALOGUE:
        if event_type.routing_key in messages:
            found |= components_of(event_type)
    return {name: mapped(found[name], _as_component) for name in sorted(found)}


def _as_component(node: Schema) -> Schema:
    if "$ref" not in node:
        return node
    reference = {"$ref": node["$ref"].replace("#/$defs/", "#/components/schemas/")}
    besides = {name: value for name, value in node.items() if name != "$ref"}
    return {**besides, "allOf": [reference]} if besides else reference

"""The JSON of the body: in structured mode the attributes too."""

import json
import unicodedata
from random import Random
from typing import Any

from tests.fuzz import hostile
from tests.fuzz.mutating import RAW, Mutations, a_place, compact, places_in, with_raw

OF_JSON = Mutations()


@OF_JSON.of_tree
def hostile_text(random: Random, tree: Any) -> Any:
    for _ in range(random.choice((1, 1, 5))):
        container, step = a_place(random, tree, str)
        container[step] = random.choice(hostile.TEXTS)
    return tree


@OF_JSON.of_tree
def hostile_text_within(random: Random, tree: Any) -> Any:
    container, step = a_place(random, tree, str)
    container[step] = str(container[step])[:40] + random.choice(hostile.TEXTS)[:200]
    return tree


@OF_JSON.of_tree
def text_in_nfd(_: Random, tree: Any) -> Any:
    text = json.dumps(tree, ensure_ascii=False)
    return text if len(text) > 60_000 else unicodedata.normalize("NFD", text)  # endless marks would take minutes here


@OF_JSON.of_tree
def odd_value(random: Random, tree: Any) -> Any:
    container, step = a_place(random, tree)
    container[step] = RAW
    return with_raw(tree, random.choice(hostile.ODD_TOKENS))


@OF_JSON.of_tree
def value_elsewhere(random: Random, tree: Any) -> Any:
    (to, at), (source, step) = a_place(random, tree), a_place(random, tree)
    to[at] = json.loads(json.dumps(source[step]))
    return tree


@OF_JSON.of_tree
def field_left_out(random: Random, tree: Any) -> Any:
    container, step = a_place(random, tree)
    del container[step]
    return tree


@OF_JSON.of_tree
def field_renamed(random: Random, tree: Any) -> Any:
    container, step = a_place(random, tree)
    if isinstance(container, dict):
        container[random.choice((*hostile.TEXTS, step.upper(), step + " "))] = container.pop(step)
    return tree


@OF_JSON.of_tree
def odd_names(random: Random, tree: Any) -> Any:
    containers = [container[step] for container, step in places_in(tree) if isinstance(container[step], dict)]
    container = random.choice([tree, *containers])
    for text in random.sample(hostile.TEXTS, 3):
        container[text] = random.choice((1, None, text, {text: text}))
    return tree


@OF_JSON.of_tree
def long_lists(random: Random, tree: Any) -> Any:
    for container, step in places_in(tree):
        if isinstance(container[step], list):
            entries = container[step] or [random.choice(({}, None, "x", 1))]
            container[step] = (entries * 501)[: random.choice((200, 201, 500, 501, 2_000))]
    return tree


@OF_JSON.of_tree
def many_names(random: Random, tree: Any) -> Any:
    names = {f"{n:05}": n for n in range(random.choice((100, 100, 5_000, 20_000)))}
    container, step = a_place(random, tree)
    container[step] = names
    return tree


@OF_JSON.of_tree
def endless_text(random: Random, tree: Any) -> Any:
    container, step = a_place(random, tree, str)
    container[step] = random.choice(("a", "ố", "\u0301\u0323", " ", "\n", "\ud800", "<b>", "'")) * random.choice(
        (9_000, 80_000)
    )
    return tree


@OF_JSON.of_tree
def number_that_is_none(random: Random, tree: Any) -> Any:
    container, step = a_place(random, tree)
    container[step] = RAW
    return with_raw(tree, random.choice(hostile.TOKENS))


@OF_JSON.of_tree
def name_twice(random: Random, tree: Any) -> Any:
    containers = [container[step] for container, step in places_in(tree) if isinstance(container[step], dict)]
    container = random.choice([tree, *filter(None, containers)])
    name = random.choice([*container] or [""])
    container |= {name: container.get(name), RAW: 0}
    return compact(tree).replace(compact(RAW), json.dumps(name), 1)


@OF_JSON.of_tree
def nested_deeply(random: Random, tree: Any) -> Any:
    """Nest below the limit of Python's reader and far over it; the fewest levels are over the limit of ours."""
    levels = random.choice((64, 65, 100, 101, 500, 900, 940, 960, 980, 1_000, 5_000, 60_000))
    container, step = a_place(random, tree)
    container[step] = RAW
    opening, closing = random.choice((("[", "]"), ('{"a":', "}")))
    inner = random.choice(("1", '"x"')) if random.random() < 0.9 else ""
    return with_raw(tree, opening * levels + (inner or "null") + closing * levels)

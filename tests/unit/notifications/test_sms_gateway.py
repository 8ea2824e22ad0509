"""A gateway as its file describes it: what it is asked, what its answers mean, what is wrong with the file."""

from pathlib import Path

import pytest

from services.notifications.channels.exchange import Answer
from services.notifications.channels.sms_answers import Meant
from services.notifications.channels.sms_gateway import Gateway, load_gateway
from shared.errors import SettingsError

VALUES = {"to": "+84912345678", "text": 'Chè "đinh" {id} & 3 sao', "id": "b1f6c7e2"}
JSON = """
url: https://sms.example.vn/{secret:path}/send
headers: {Authorization: "Bearer {secret:token}", Idempotency-Key: "{id}"}
fields: {from: "{from}", messages: [{to: "{to}", content: "{text}"}], unicode: 0, key: "{secret:token}"}
sender: OCOP
secrets: {token: token, path: path}
"""
ANSWERS = """
url: https://sms.example.vn/
fields: {to: "{to}", text: "{text}"}
answers:
  - {means: accepted, field: CodeResult, values: ["100", "124"]}
  - {means: refused, status: [200], field: CodeResult, values: ["99"]}
  - {means: refused, field: messages.0.status.group, values: ["5"]}
  - {means: accepted, begins: "0: Accepted"}
  - {means: unavailable, status: [400]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    for name, content in {"token": "geheim-1\n", "path": "a/b", "two": "geheim-1\ngeheim-2\n"}.items():
        (tmp_path / name).write_text(content)
    return tmp_path / "sms.yaml"


def loaded(file: Path, written: str) -> Gateway:
    file.write_text(written, "utf-8")
    return load_gateway(file)[0]


def test_fields_go_as_json(file: Path) -> None:
    file.write_text(JSON, "utf-8")
    gateway, secrets = load_gateway(file)

    asked = gateway.request(VALUES, secrets)

    assert (asked.method, asked.url) == ("POST", "https://sms.example.vn/a%2Fb/send")
    assert asked.headers == {
        "Content-Type": "application/json",
        "Authorization": "Bearer geheim-1",
        "Idempotency-Key": "b1f6c7e2",
    }
    assert asked.body is not None
    assert asked.body.decode() == (
        '{"from": "OCOP", "messages": [{"to": "+84912345678", "content": "Chè \\"đinh\\" {id} & 3 sao"}],'
        ' "unicode": 0, "key": "geheim-1"}'
    )


@pytest.mark.parametrize(
    ("how", "method", "url", "body"),
    [
        ("format: form", "POST", "https://sms.example.vn/?a=1", b"to=%2B84912345678&text=Ch%C3%A8+%22%C4%91inh%22"),
        (
            "format: query\nmethod: GET",
            "GET",
            "https://sms.example.vn/?a=1&to=%2B84912345678&text=Ch%C3%A8+%22%C4%91inh%22",
            None,
        ),
    ],
)
def test_fields_go_as_a_form_or_in_the_url(file: Path, how: str, method: str, url: str, body: bytes | None) -> None:
    gateway = loaded(file, f'url: https://sms.example.vn/?a=1\n{how}\nfields: {{to: "{{to}}", text: "{{text}}"}}')

    asked = gateway.request({**VALUES, "text": 'Chè "đinh"'}, {})

    assert (asked.method, asked.url, asked.body) == (method, url, body)


@pytest.mark.parametrize(
    ("status", "body", "meant"),
    [
        (200, b'{"CodeResult": "100"}', Meant("accepted", "200 CodeResult=100")),
        (200, b'{"CodeResult": 100}', Meant("accepted", "200 CodeResult=100")),
        (200, b'{"CodeResult": "124"}', Meant("accepted", "200 CodeResult=124")),
        (200, b'{"CodeResult": "99"}', Meant("refused", "200 CodeResult=99")),
        (201, b'{"CodeResult": "99"}', Meant("unavailable", "201 unknown-answer")),
        (200, b'{"CodeResult": "+84912345678"}', Meant("unavailable", "200 unknown-answer")),
        (200, b'{"messages": [{"status": {"group": 5}}]}', Meant("refused", "200 messages.0.status.group=5")),
        (200, b'{"messages": []}', Meant("unavailable", "200 unknown-answer")),
        (200, b'{"messages": "text"}', Meant("unavailable", "200 unknown-answer")),
        (202, b"0: Accepted for delivery", Meant("accepted", "202 0: Accepted")),
        (202, b"3: Queued for later delivery", Meant("unavailable", "202 unknown-answer")),
        (200, b"[" * 100_000, Meant("unavailable", "200 unknown-answer")),
        (400, b"", Meant("unavailable", "400")),
        (500, b'{"CodeResult": "99"}', Meant("unavailable", "500")),
    ],
)
def test_an_answer_means_what_the_first_rule_that_fits_says(file: Path, status: int, body: bytes, meant: Meant) -> None:
    assert loaded(file, ANSWERS).meaning(Answer(status, None, body)) == meant


@pytest.mark.parametrize(
    ("status", "means"),
    [
        *((200, "accepted"), (202, "accepted"), (302, "unavailable"), (400, "refused"), (401, "unavailable")),
        *((402, "unavailable"), (404, "unavailable"), (422, "refused"), (429, "unavailable"), (503, "unavailable")),
    ],
)
def test_without_rules_an_answer_means_what_its_status_says(file: Path, status: int, means: str) -> None:
    gateway = loaded(file, ANSWERS.partition("answers:")[0])
    assert gateway.meaning(Answer(status)) == Meant(means, str(status))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ("url: http://sms.example.vn/", ": url: must be https://…; http://… only with allow_private: true"),
        ("url: https://user:geheim@sms.example.vn/", ": url: must be https://host[:port]/…"),
        ("url: 'https://sms.example.vn:geheim/'", ": url: must be https://host[:port]/…"),
        ("url: 'https://sms.example.vn/{text}'", ": {text} stands for nothing here; known: {secret:token}"),
        ("headers: {To: '{to}'}", ": {to} stands for nothing here; known: {from}, {id}, {secret:token}"),
        ("headers: {content-type: text/plain}", ": headers: Content-Type follows from format"),
        (
            "fields: {to: '{phone}'}",
            ": {phone} stands for nothing here; known: {from}, {id}, {secret:token}, {text}, {to}",
        ),
        ("fields: {}", ": fields: Dictionary should have at least 1 item"),
        ("fields: {a: ['{secret:other}']}", ": {secret:other} stands for nothing here"),
        ("format: form\nfields: {a: [b]}", ": fields: objects and lists are for format: json alone"),
        ("method: GET", ": method: GET needs format: query"),
        ("max_segments: 0", ": max_segments: Input should be greater than or equal to 1"),
        ("secrets: {token: missing}", ": secrets.token: {folder}/missing: No such file or directory"),
        ("secrets: {token: two}", ": secrets.token: {folder}/two: more than one line"),
        ("answers: [{means: accepted}]", ": answers.0: needs status, field with values, or begins"),
        ("answers: [{means: accepted, field: a}]", ": answers.0: field and values come together"),
        ("answers: [{means: sent, status: [200]}]", ": answers.0.means: Input should be 'accepted', 'refused'"),
        ("timeout: 3", ": timeout: Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line_and_no_secret_repeated(file: Path, changed: str, says: str) -> None:
    usual = {"url": "https://sms.example.vn/", "fields": "{to: '{to}'}", "secrets": "{token: token}"}
    lines = usual | dict(line.split(": ", 1) for line in changed.splitlines())

    with pytest.raises(SettingsError) as refused:
        loaded(file, "\n".join(f"{name}: {value}" for name, value in lines.items()))

    assert str(refused.value).startswith(f"{file}{says.replace('{folder}', str(file.parent))}")
    assert "\n" not in str(refused.value)
    assert "geheim" not in str(refused.value)


def test_a_gateway_of_an_own_network_may_be_asked_without_encryption(file: Path) -> None:
    gateway = loaded(file, "url: http://10.0.0.5:13013/cgi-bin/sendsms\nallow_private: true\nfields: {to: '{to}'}")
    assert (gateway.host, gateway.encrypts) == ("10.0.0.5:13013", False)


def test_no_secret_is_shown(file: Path) -> None:
    file.write_text(JSON.replace("/send", "/send?key=geheim-0"), "utf-8")
    gateway, secrets = load_gateway(file)
    assert "geheim" not in f"{gateway!r}{secrets!r}{gateway.request(VALUES, secrets)!r}"

"""Decide: what several alerts to one recipient say together: a table of all, and below it each in its own words."""

from dataclasses import dataclass
from functools import cached_property

from jinja2.environment import TemplateModule

from services.notifications.plan import Alert, one_blank_line
from services.notifications.short_form import cut, short_form
from services.notifications.wording import Form, Template, one_line, rendered

#: characters of a product's name in a narrow column; it stands whole below the table
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Digest:
    """Alerts to one recipient in one language, at least two."""

    alerts: tuple[Alert, ...]

    @property
    def is_one_news(self) -> bool:
        """Whether all say the same of their products, such as of twelve certificates that end together."""
        return len({(alert.news, alert.todo) for alert in self.alerts}) == 1 and len(self._products) > 1

    @cached_property
    def subject(self) -> str:
        """The digest in one line."""
        return self._lines["subject"]

    @cached_property
    def short(self) -> str:
        """The digest in at most 160 characters: the news of all where it is one, else the first and how many more."""
        news, todo, first = self._lines["news"], self._lines["todo"], self.alerts[0]
        if self.is_one_news:
            return short_form(news, todo, name=", ".join(self._names) or None)
        return short_form(news, todo, name=first.product_name, code=first.product_code)

    @cached_property
    def text(self) -> str:
        """The digest as plain text."""
        return one_blank_line(str(self._rendered("text")))

    @cached_property
    def html(self) -> str:
        """The digest as a page of HTML."""
        return one_blank_line(str(self._rendered("html")))

    @cached_property
    def _lines(self) -> dict[str, str]:
        block = vars(self._rendered("subject"))
        return {name: " ".join(block[name].split()) for name in ("subject", "news", "todo")}

    @cached_property
    def _products(self) -> frozenset[str]:
        return frozenset(alert.product_code or alert.product_name or "" for alert in self.alerts) - {""}

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(alert.product_name for alert in self.alerts if alert.product_name))

    def _rendered(self, form: Form) -> TemplateModule:
        first = self.alerts[0]
        values = {
            "alerts": self.alerts,
            "products": len(self._products),
            "same": first if self.is_one_news else None,
            "rows": [_row(alert) for alert in self.alerts],
            "parts": [_part(alert, form) for alert in self.alerts],
            "recipient_name": one_line(first.recipient_name),
        }
        return rendered(Template(first.readers, first.language, "digest"), form, values)


def _row(alert: Alert) -> tuple[str, str, str]:
    """Return the row of an alert: its product, what happened, what to do."""
    named = [cut(alert.product_name, _LONGEST_NAME)] if alert.product_name else []
    if alert.product_code:
        named.append(f"({alert.product_code})" if named else alert.product_code)
    return "\n".join(named) or "OCOP", alert.news[:1].upper() + alert.news[1:], alert.todo


def _part(alert: Alert, form: Form) -> TemplateModule | str:
    """Return an alert as a part of a digest: a module prints itself, and in HTML it is not escaped once more."""
    match form:
        case "html":
            return alert.rendered("html-part")
        case "text":
            return alert.rendered("text-part")
        case _:
            return ""

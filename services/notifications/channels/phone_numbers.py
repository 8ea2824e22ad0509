"""Decide: whether a telephone number, as it was filed, is a mobile one of a country that gets messages."""

from collections.abc import Container

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from services.notifications.channels import Refused

#: The country of a number that is written without one, as the contract reads it.
HOME = "VN"
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def mobile_number(written: str, regions: Container[str]) -> PhoneNumber | Refused:
    """Return a number, or why it gets no messages."""
    try:
        number = phonenumbers.parse(written, HOME)
    except NumberParseException:
        return Refused("number-unusable")
    if not phonenumbers.is_valid_number(number):
        return Refused("number-unusable")
    if phonenumbers.region_code_for_number(number) not in regions:
        return Refused("number-abroad")
    if phonenumbers.number_type(number) not in _MOBILE:
        return Refused("number-not-mobile")
    return number


def international_digits(number: PhoneNumber) -> str:
    """Return a number as 84912345678."""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")

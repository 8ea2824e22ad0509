"""The channels that are set up, as the settings say."""

from collections.abc import Mapping

from services.notifications.channels import Channel
from services.notifications.channels.mail import MailChannel
from services.notifications.channels.mail_server import MailServer
from services.notifications.settings import NotificationsSettings
from shared.contracts.alert import ChannelName
from shared.errors import SettingsError

#: Those that alerts are handed over to, in the order in which they are listed.
CHANNELS: tuple[ChannelName, ...] = ("email", "webhook", "zalo", "sms")


def channels_of(settings: NotificationsSettings) -> Mapping[ChannelName, Channel]:
    """Return the channels that are set up, by name. Raise SettingsError."""
    found = [channel for channel in (_mail(settings),) if channel]
    return {channel.name: channel for channel in found}


def _mail(settings: NotificationsSettings) -> Channel | None:
    if settings.smtp_url is None:
        return None
    try:
        return MailChannel(MailServer.from_url(settings.smtp_url), settings.mail_from)
    except ValueError as error:
        raise SettingsError(f"OCOP_SMTP_URL, OCOP_MAIL_FROM: {error}") from error

"""The channels that are set up, as the settings say."""

from collections.abc import Mapping

from services.notifications.channels import Channel
from services.notifications.channels.mail import MailChannel
from services.notifications.channels.mail_server import MailServer
from services.notifications.channels.rate import RateLimited, distances
from services.notifications.channels.sms_gateway import load_gateway
from services.notifications.channels.subscriptions import load_subscriptions
from services.notifications.channels.zalo_file import load_zalo
from services.notifications.settings import NotificationsSettings, opening_keys
from shared.clock import Clock, system_clock
from shared.contracts.alert import ChannelName
from shared.errors import SettingsError
from shared.handling.records import Records

#: Those that alerts are handed over to, in the order in which they are listed.
CHANNELS: tuple[ChannelName, ...] = ("email", "webhook", "zalo", "sms")


def channels_of(
    settings: NotificationsSettings, records: Records, clock: Clock = system_clock
) -> Mapping[ChannelName, Channel]:
    """Return the channels that are set up, by name; `records` keep what a channel has to remember.

    Raises:
        SettingsError: a channel's settings or files cannot be used.
    """
    all_ = (_mail(settings), _webhook(settings), _zalo(settings, records, clock), _sms(settings))
    rates = distances(settings.channel_rates)
    return {channel.name: _limited(channel, rates.get(channel.name)) for channel in all_ if channel}


def _limited(channel: Channel, every_seconds: float | None) -> Channel:
    return RateLimited(channel, every_seconds) if every_seconds else channel


def _mail(settings: NotificationsSettings) -> Channel | None:
    if settings.smtp_url is None:
        return None
    try:
        return MailChannel(MailServer.from_url(settings.smtp_url), settings.mail_from)
    except ValueError as error:
        raise SettingsError(f"OCOP_SMTP_URL, OCOP_MAIL_FROM: {error}") from error


def _webhook(settings: NotificationsSettings) -> Channel | None:
    subscriptions = load_subscriptions(settings.webhooks_file)
    if not subscriptions:
        return None
    from services.notifications.channels.webhook import WebhookChannel  # noqa: PLC0415  # its HTTP client loads slowly

    return WebhookChannel(subscriptions, ca_file=settings.tls_ca_file)


def _zalo(settings: NotificationsSettings, records: Records, clock: Clock) -> Channel | None:
    if settings.zalo_file is None:
        return None
    from services.notifications.channels.zalo import ZaloChannel  # noqa: PLC0415  # likewise

    app, keys = load_zalo(settings.zalo_file), opening_keys(settings)
    return ZaloChannel(app, records, keys, ca_file=settings.tls_ca_file, clock=clock)


def _sms(settings: NotificationsSettings) -> Channel | None:
    if settings.sms_file is None:
        return None
    from services.notifications.channels.sms import SmsChannel  # noqa: PLC0415  # likewise

    return SmsChannel(*load_gateway(settings.sms_file), ca_file=settings.tls_ca_file)

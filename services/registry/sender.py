"""Decide: whether whoever filed something may file it, by kind and place."""

from services.registry.faults import fault
from shared.contracts.catalogue import DOSSIER_FILED, PRODUCER_CONTACT
from shared.contracts.fault_codes import DossierFault
from shared.contracts.text import Fault
from shared.scopes import Place, Scope, allows

_ADVICE = (
    "Hãy nộp qua hệ thống của đúng địa phương, hoặc báo đơn vị vận hành kiểm tra phạm vi đã đăng ký.",
    "Have the system of that place file it, or ask the operator to check your scope.",
)


def out_of_scope(scope: Scope, place: Place) -> tuple[Fault, ...]:
    """Return the fault of a dossier that lies outside its sender's scope, at the code that does.

    What of the place cannot be read does not count: the contract's own faults tell of it.
    """
    if not scope.may_file(DOSSIER_FILED):
        return (_of_sender(),)
    if not scope.reaches(Place(place.province)):
        return (_of_province(place),)
    return () if scope.reaches(place) else (_of_commune(place),)


def contact_out_of_scope(scope: Scope, product_code: str | None) -> tuple[Fault, ...]:
    """Return the fault of a `producer.contact` outside its sender's scope: by the place in the code, known or not."""
    place = Place.of_code(product_code) if product_code else Place(None)
    if allows(scope, PRODUCER_CONTACT, place):
        return ()
    return (
        fault(
            ("product_code",) if scope.may_file(PRODUCER_CONTACT) else (),
            DossierFault.OUT_OF_SCOPE,
            f"Người dùng đã gửi tin này không được đổi thông tin liên hệ của sản phẩm này. {_ADVICE[0]}",
            f"The user that sent this may not change the contact for this product. {_ADVICE[1]}",
        ),
    )


def _of_sender() -> Fault:
    return fault(
        (),
        DossierFault.OUT_OF_SCOPE,
        "Người dùng đã gửi hồ sơ này không được phép nộp hồ sơ, hoặc tin nhắn không ghi người dùng (user_id). "
        "Hãy báo đơn vị vận hành kiểm tra phạm vi đã đăng ký.",
        "The user that sent this dossier may not file dossiers, or the message names no user (user_id). "
        "Ask the operator to check your scope.",
    )


def _of_province(place: Place) -> Fault:
    return fault(
        ("product", "province_code"),
        DossierFault.OUT_OF_SCOPE,
        f"Người dùng đã gửi hồ sơ này không được nộp hồ sơ của mã tỉnh {place.province}. {_ADVICE[0]}",
        f"The user that sent this dossier may not file for province {place.province}. {_ADVICE[1]}",
    )


def _of_commune(place: Place) -> Fault:
    return fault(
        ("product", "commune_code"),
        DossierFault.OUT_OF_SCOPE,
        f"Người dùng đã gửi hồ sơ này không được nộp hồ sơ của mã tỉnh {place.province}, mã xã {place.commune}. "
        f"{_ADVICE[0]}",
        f"The user that sent this dossier may not file for province {place.province}, commune {place.commune}. "
        f"{_ADVICE[1]}",
    )

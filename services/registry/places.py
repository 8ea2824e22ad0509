"""Decide: whether province and commune exist and belong together, and whether whoever filed may file for them.

Codes: Decision 19/2025/QĐ-TTg, by the units in force since 1 July 2025.
"""

from datetime import date

from services.registry.units import COMMUNES, PROVINCES
from shared.contracts.catalogue import DOSSIER_FILED
from shared.contracts.fault_codes import DossierFault
from shared.contracts.text import Fault
from shared.faults.fault import fault
from shared.filings import SCOPE_ADVICE
from shared.scopes import Place, Scope

_PROVINCE = ("product", "province_code")
_COMMUNE = ("product", "commune_code")


def place_faults(province_code: str | None, commune_code: str | None, filed_on: date | None = None) -> list[Fault]:
    """Return what is wrong with the two codes, each well-formed or None where it could not be read.

    Places are named as on the day on which the dossier was filed; None: as they are named last.
    """
    faults: list[Fault] = []
    if province_code is not None and int(province_code) not in PROVINCES:
        faults.append(_unknown_province(province_code))
    if commune_code is not None:
        faults += _commune_faults(province_code, commune_code, filed_on)
    return faults


def out_of_scope(scope: Scope, place: Place) -> tuple[Fault, ...]:
    """Return the fault of a dossier that lies outside its sender's scope, at the code that does.

    What of the place cannot be read does not count: the contract's own faults tell of it.
    """
    if not scope.may_file(DOSSIER_FILED):
        return (_sender_out_of_scope(),)
    if not scope.reaches(Place(place.province)):
        return (_province_out_of_scope(place),)
    return () if scope.reaches(place) else (_commune_out_of_scope(place),)


def _commune_faults(province_code: str | None, commune_code: str, filed_on: date | None) -> list[Fault]:
    commune = COMMUNES.get(int(commune_code))
    if commune is None:
        return [_unknown_commune(commune_code)]
    if province_code is None or int(province_code) not in PROVINCES:
        return []
    if commune.province_code == int(province_code):
        return []
    return [_outside_province(commune.name_on(filed_on), commune_code, commune.province_code, int(province_code))]


def _unknown_province(code: str) -> Fault:
    return fault(
        _PROVINCE,
        DossierFault.PROVINCE_UNKNOWN,
        f"Không có tỉnh, thành phố nào mang mã {code}. Từ ngày 1/7/2025 cả nước còn {len(PROVINCES)} tỉnh, "
        "thành phố. Hãy dùng mã hiện hành, ví dụ Hà Nội là 01.",
        f"There is no province {code}. Since 1 July 2025 there are {len(PROVINCES)}. "
        "Use the code in force, such as 01 for Hà Nội.",
    )


def _unknown_commune(code: str) -> Fault:
    return fault(
        _COMMUNE,
        DossierFault.COMMUNE_UNKNOWN,
        f"Không có xã, phường, đặc khu nào mang mã {code}. Nếu xã đã sáp nhập từ ngày 1/7/2025, hãy dùng mã của xã "
        "mới; Ủy ban nhân dân xã sẽ cho bạn biết mã này.",
        f"There is no commune {code}. If the commune was merged on 1 July 2025, use the code of the new one; "
        "its People's Committee knows it.",
    )


def _outside_province(name: str, code: str, real_province: int, given_province: int) -> Fault:
    real, given = _province(real_province), _province(given_province)
    return fault(
        _COMMUNE,
        DossierFault.COMMUNE_OUTSIDE_PROVINCE,
        f"Mã {code} là {name} thuộc {real}, không thuộc {given}. Hãy sửa mã tỉnh hoặc mã xã.",
        f"{code} is {name} in {real}, not in {given}. Correct the province code or the commune code.",
    )


def _province(code: int) -> str:
    return f"{PROVINCES[code]} ({code:02})"


def _sender_out_of_scope() -> Fault:
    return fault(
        (),
        DossierFault.OUT_OF_SCOPE,
        "Người dùng đã gửi hồ sơ này không được phép nộp hồ sơ, hoặc tin nhắn không ghi người dùng (user_id). "
        "Hãy báo đơn vị vận hành kiểm tra phạm vi đã đăng ký.",
        "The user that sent this dossier may not file dossiers, or the message names no user (user_id). "
        "Ask the operator to check your scope.",
    )


def _province_out_of_scope(place: Place) -> Fault:
    return fault(
        ("product", "province_code"),
        DossierFault.OUT_OF_SCOPE,
        f"Người dùng đã gửi hồ sơ này không được nộp hồ sơ của mã tỉnh {place.province}. {SCOPE_ADVICE[0]}",
        f"The user that sent this dossier may not file for province {place.province}. {SCOPE_ADVICE[1]}",
    )


def _commune_out_of_scope(place: Place) -> Fault:
    return fault(
        ("product", "commune_code"),
        DossierFault.OUT_OF_SCOPE,
        f"Người dùng đã gửi hồ sơ này không được nộp hồ sơ của mã tỉnh {place.province}, mã xã {place.commune}. "
        f"{SCOPE_ADVICE[0]}",
        f"The user that sent this dossier may not file for province {place.province}, commune {place.commune}. "
        f"{SCOPE_ADVICE[1]}",
    )

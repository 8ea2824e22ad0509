from collections.abc import Mapping

import pytest

from services.registry.identity import KnownProduct, examine_registration, registration_keys
from services.registry.spelling import name_keys
from shared.contracts.dossier import Dossier
from shared.contracts.text import Fault
from tests.unit.registry.dossiers import ABSENT, NUMBERS, changed
from tests.unit.registry.products import product

CODE = "01-09574-7-2024"
OWN = product(code=CODE)
FOREIGN = KnownProduct(code=CODE, producer_numbers=("0100233488",), product_set=6)
UPGRADE = {"/registration": "upgrade", "/product_code": CODE}


def dossier(changes: Mapping[str, object]) -> Dossier:
    return Dossier.model_validate(changed(changes))


def faults_of(filed: Dossier, *, by_key: KnownProduct | None, by_code: KnownProduct | None) -> tuple[Fault, ...]:
    return examine_registration(filed, numbers=NUMBERS.known(filed.producer), by_key=by_key, by_code=by_code)


def keys_of(changes: Mapping[str, object]) -> tuple[str, ...]:
    filed = dossier(changes)
    return registration_keys(filed, NUMBERS.of(filed.producer))


@pytest.mark.parametrize(
    ("changes", "by_key", "by_code", "expected"),
    [
        pytest.param({}, None, None, [], id="first, new"),
        pytest.param({}, OWN, None, [], id="first, known"),
        pytest.param(
            {"/product/commune_code": "09604"},
            OWN,
            None,
            [("/product/commune_code", "place-changed")],
            id="first, known, elsewhere",
        ),
        pytest.param({"/product_code": CODE}, None, OWN, [], id="first under its code"),
        pytest.param({"/product_code": CODE, "/product/product_set": 8}, None, OWN, [], id="first in another set"),
        pytest.param({"/product_code": CODE}, None, None, [("/product_code", "product-unknown")], id="first, unknown"),
        pytest.param(
            {"/product_code": CODE},
            None,
            FOREIGN,
            [("/product_code", "product-of-another-producer")],
            id="first under another producer's code",
        ),
        pytest.param(UPGRADE, OWN, OWN, [], id="upgrade, known"),
        pytest.param(UPGRADE, None, OWN, [], id="upgrade, known under another name"),
        pytest.param(UPGRADE | {"/registration": "re-evaluation"}, OWN, OWN, [], id="re-evaluation, known"),
        pytest.param(UPGRADE, None, None, [("/product_code", "product-unknown")], id="upgrade, unknown"),
        pytest.param(
            UPGRADE | {"/registration": "re-evaluation"},
            None,
            None,
            [("/product_code", "product-unknown")],
            id="re-evaluation, unknown",
        ),
        pytest.param(
            UPGRADE, None, FOREIGN, [("/product_code", "product-of-another-producer")], id="another producer's"
        ),
        pytest.param(
            UPGRADE | {"/producer/tax_code": "0100233488"}, None, OWN, [], id="registered before it had a tax code"
        ),
        pytest.param(UPGRADE | {"/product/name": "Bánh tẻ Sơn Tây"}, None, OWN, [], id="upgrade under a new name"),
        pytest.param(
            UPGRADE | {"/product/product_set": 8},
            OWN,
            OWN,
            [("/product/product_set", "product-set-changed")],
            id="upgrade in another product set",
        ),
        pytest.param(
            UPGRADE | {"/registration": "re-evaluation", "/product/commune_code": "09604"},
            OWN,
            OWN,
            [("/product/commune_code", "place-changed")],
            id="re-evaluation in another commune",
        ),
        pytest.param(
            UPGRADE | {"/product/province_code": "15", "/product/commune_code": "04630", "/product/product_set": 3},
            None,
            OWN,
            [("/product/product_set", "product-set-changed"), ("/product/commune_code", "place-changed")],
            id="upgrade of another product of the same producer",
        ),
        pytest.param(
            UPGRADE | {"/product/product_set": 8},
            None,
            FOREIGN,
            [("/product_code", "product-of-another-producer")],
            id="nothing is told of another producer's product",
        ),
        pytest.param({"/product/product_set": 8}, OWN, None, [], id="first, known, in another product set"),
        pytest.param({"/registration": "upgrade"}, None, None, [], id="no code, which is a fault already"),
        pytest.param(
            UPGRADE | {"/producer/registration_number": ABSENT}, None, OWN, [], id="no number, which is a fault already"
        ),
    ],
)
def test_register_checks(
    changes: Mapping[str, object],
    by_key: KnownProduct | None,
    by_code: KnownProduct | None,
    expected: list[tuple[str, str]],
) -> None:
    filed = dossier(changes)

    faults = faults_of(filed, by_key=by_key, by_code=by_code)

    assert [(fault.pointer, fault.code) for fault in faults] == expected


def test_an_unknown_code_of_a_known_product_is_told_the_right_one() -> None:
    wrong_code = dossier(UPGRADE | {"/product_code": "01-09574-8-2024"})

    (fault,) = faults_of(wrong_code, by_key=OWN, by_code=None)

    assert CODE in fault.message.vi
    assert CODE in fault.message.en


def test_a_changed_product_set_or_place_is_told_the_registered_one() -> None:
    other = dossier(UPGRADE | {"/product/product_set": 8, "/product/commune_code": "09604"})

    of_set, of_place = faults_of(other, by_key=None, by_code=OWN)

    assert "bộ sản phẩm số 6" in of_set.message.vi
    assert "product set 6" in of_set.message.en
    assert "mã tỉnh 01, mã xã 09574" in of_place.message.vi
    assert "province 01, commune 09574" in of_place.message.en


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"/product/name": "BÁNH TẺ HƯNG VÂN"}, id="another spelling of the name"),
        pytest.param({"/producer/registration_number": "01-y8.001 234"}, id="separators of the number"),
        pytest.param({"/producer/name": "Hộ kinh doanh Hưng Vân"}, id="another name of the same producer"),
        pytest.param({"/product/commune_code": "09604"}, id="another commune"),
    ],
)
def test_the_same_product_of_the_same_producer_has_the_same_key(changes: Mapping[str, object]) -> None:
    assert keys_of(changes)[0] == keys_of({})[0]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"/product/name": "Bánh te Hưng Vân"}, id="another name"),
        pytest.param({"/producer/registration_number": "01Y8001235"}, id="another producer"),
    ],
)
def test_another_product_has_another_key(changes: Mapping[str, object]) -> None:
    assert set(keys_of(changes)).isdisjoint(keys_of({}))


@pytest.mark.parametrize(
    ("changes", "numbers"),
    [
        pytest.param({"/producer/tax_code": "0314409058-002"}, ["0314409058002", "01y8001234"], id="branch"),
        pytest.param({"/producer/tax_code": "01.00233488"}, ["0100233488", "01y8001234"], id="tax code with dots"),
        pytest.param({}, ["01y8001234"], id="registration number"),
        pytest.param({"/producer/registration_number": ABSENT}, [], id="neither"),
    ],
)
def test_a_product_has_a_key_for_each_number_of_its_producer(changes: Mapping[str, object], numbers: list[str]) -> None:
    names = name_keys("Bánh tẻ Hưng Vân")
    assert keys_of(changes) == tuple(f"{number}/{name}" for number in numbers for name in names)

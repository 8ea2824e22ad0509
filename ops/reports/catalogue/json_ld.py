"""The catalogue for portals and search engines: JSON-LD in the vocabulary of schema.org, a `Product` each."""

import json
from collections.abc import Sequence
from typing import Any

from ops.reports.catalogue.entries import Entry, Link
from ops.reports.catalogue.verification import Verification
from shared.contracts.certificates import Authority

#: The programme's scale (Decision 26/2026/QĐ-TTg, Art. 4).
_WORST, _BEST = 1, 5
_COUNTRY = "VN"
_IN_FORCE = "https://schema.org/CertificationActive"
_MINISTRY = "Bộ Nông nghiệp và Môi trường"


def as_json_ld(entries: Sequence[Entry], verification: Verification) -> str:
    """Return the entries as one document, which a portal may put into a page as it is: no `<` in it ends a script."""
    graph = [_product(each, verification) for each in entries]
    document = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False, indent=1)
    return document.replace("<", "\\u003c") + "\n"


def _product(entry: Entry, verification: Verification) -> dict[str, Any]:
    id = f"urn:ocop:product:{entry.code}"
    return _given(
        {
            "@type": "Product",
            "@id": id,
            "productID": entry.code,
            "name": entry.name,
            "category": [entry.sheet.group.vi, entry.sheet.name.vi] if entry.sheet else None,
            "countryOfOrigin": {"@type": "Country", "name": _COUNTRY},
            "manufacturer": _manufacturer(entry),
            "hasCertification": _certification(entry, verification),
            "award": f"OCOP {entry.stars} sao",
            "image": [_image(each) for each in entry.photographs],
            "offers": [_offer(each) for each in entry.sales_links],
        }
    )


def _manufacturer(entry: Entry) -> dict[str, Any]:
    """Return the producer: of one who may be a natural person no more than where."""
    address = {
        "@type": "PostalAddress",
        "addressLocality": entry.place.commune,
        "addressRegion": entry.place.province,
        "addressCountry": _COUNTRY,
    }
    return _given({"@type": "Organization", "name": entry.producer, "address": address})


def _certification(entry: Entry, verification: Verification) -> dict[str, Any]:
    return _given(
        {
            "@type": "Certification",
            "name": "Giấy chứng nhận sản phẩm OCOP",
            "certificationIdentification": entry.certificate_number,
            "certificationStatus": _IN_FORCE,
            "certificationRating": {
                "@type": "Rating",
                "ratingValue": entry.stars,
                "bestRating": _BEST,
                "worstRating": _WORST,
            },
            "issuedBy": {"@type": "GovernmentOrganization", "name": _issuer(entry)},
            "validFrom": str(entry.issued_on),
            "expires": str(entry.valid_until),
            "url": verification.link(entry.token),
        }
    )


def _issuer(entry: Entry) -> str:
    """Return who recognised it (Art. 3.3)."""
    return _MINISTRY if entry.authority is Authority.CENTRE else f"Ủy ban nhân dân {entry.place.province}"


def _image(photograph: Link) -> dict[str, Any]:
    return _given({"@type": "ImageObject", "contentUrl": photograph.url, "caption": photograph.name})


def _offer(shop: Link) -> dict[str, Any]:
    seller = {"@type": "Organization", "name": shop.name} if shop.name else None
    return _given({"@type": "Offer", "url": shop.url, "seller": seller})


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [])}

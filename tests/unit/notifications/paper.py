"""What a reader of PDFs sees: text as PDFium extracts it, and where on the paper it stands."""

import io
from collections.abc import Iterator
from operator import itemgetter

import pypdf
import pypdfium2
import zxingcpp
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject, StreamObject

#: points a millimetre
POINTS = 72 / 25.4
#: left, bottom, right, top of what may be printed on of A4: every printer leaves such a margin
PRINTABLE = (15 * POINTS, 10 * POINTS, 195 * POINTS, 287 * POINTS)

Box = tuple[float, float, float, float]


def text_of(pdf: bytes) -> str:
    """Return the words of a document in the order of reading, with one space between them."""
    text = " ".join(page.get_text_bounded() for page in _pages(pdf))
    return " ".join(text.replace("\x02", "-").split())  # PDFium's way to write a hyphen that ends a line


def pages_in(pdf: bytes) -> int:
    return len(pypdfium2.PdfDocument(pdf))


def misplaced(pdf: bytes) -> list[tuple[Box, ...]]:
    """Return the lines of text that stand where not every printer prints, and the pairs of lines that overlap."""
    found: list[tuple[Box, ...]] = []
    for page in _pages(pdf):
        lines = sorted((page.get_rect(at) for at in range(page.count_rects())), key=itemgetter(1))
        found += [(line,) for line in lines if not _is_within(line, PRINTABLE)]
        found += _overlapping(lines)
    return found


def code_on(pdf: bytes) -> str:
    """Return what the one QR code of a document says, as a telephone reads it at 200 dots an inch."""
    bitmap = pypdfium2.PdfDocument(pdf)[0].render(scale=200 / 72, grayscale=True)
    pixels = memoryview(bytes(bitmap.buffer)).cast("B", (bitmap.height, bitmap.stride))
    (found,) = zxingcpp.read_barcodes(pixels)
    return found.text


def roles_in(pdf: bytes) -> list[str]:
    """Return the elements of a document's structure as they follow each other."""
    return [str(element["/S"]) for element in _structure(pdf)]


def descriptions_in(pdf: bytes) -> list[str]:
    """Return what stands for pictures where nobody sees them."""
    return [str(element["/Alt"]) for element in _structure(pdf) if "/Alt" in element]


def told_to_screen_readers(pdf: bytes) -> tuple[str, str, bool]:
    """Return a document's language and title, and whether it says that it keeps to PDF/UA (ISO 14289-1)."""
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert reader.metadata is not None
    described = _dictionary(reader.root_object["/Metadata"])
    assert isinstance(described, StreamObject)
    return str(reader.root_object["/Lang"]), str(reader.metadata.title), b"pdfuaid:part" in described.get_data()


def fonts_in(pdf: bytes) -> dict[str, bool]:
    """Return the names of a document's fonts, and whether each is embedded."""
    fonts = {}
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        for font in map(_dictionary, _dictionary(_dictionary(page["/Resources"])["/Font"]).values()):
            descendants = font["/DescendantFonts"]
            assert isinstance(descendants, ArrayObject)
            descriptor = _dictionary(_dictionary(descendants[0])["/FontDescriptor"])
            fonts[str(font["/BaseFont"])] = not descriptor.keys().isdisjoint({"/FontFile2", "/FontFile3"})
    return fonts


def _structure(pdf: bytes) -> Iterator[DictionaryObject]:
    return _elements(_dictionary(pypdf.PdfReader(io.BytesIO(pdf)).root_object["/StructTreeRoot"]))


def _elements(element: DictionaryObject) -> Iterator[DictionaryObject]:
    if "/S" in element:
        yield element
    children = element.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        found = child.get_object()
        if isinstance(found, DictionaryObject):
            yield from _elements(found)


def _dictionary(value: PdfObject) -> DictionaryObject:
    found = value.get_object()
    assert isinstance(found, DictionaryObject)
    return found


def _pages(pdf: bytes) -> Iterator[pypdfium2.PdfTextPage]:
    return (page.get_textpage() for page in pypdfium2.PdfDocument(pdf))


def _is_within(box: Box, area: Box) -> bool:
    return box[0] >= area[0] and box[1] >= area[1] and box[2] <= area[2] and box[3] <= area[3]


def _overlapping(lines: list[Box]) -> Iterator[tuple[Box, Box]]:
    """Yield the pairs of lines, from the lowest to the highest, that cover each other by more than two points."""
    for at, one in enumerate(lines, 1):
        for other in lines[at:]:
            if other[1] >= one[3] - 2:
                break
            if min(one[2], other[2]) - max(one[0], other[0]) > 2:
                yield one, other

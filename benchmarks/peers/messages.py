"""What FastStream's two pipelines send from step to step, as pydantic models."""

from pydantic import BaseModel

from benchmarks.peers.rules import Json
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import ProductRated


class Filed(BaseModel):
    """A dossier, under the id by which it was filed."""

    id: str
    data: Json


class Submitted(BaseModel):
    """A registered product."""

    id: str
    data: ProductSubmitted


class Rated(BaseModel):
    """A rated product."""

    id: str
    data: ProductRated


class Alerted(BaseModel):
    """An alert that is recorded."""

    id: str

"""Pictures, voice, videos, files and places: taken as they come, only their kind is checked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dialogs.answers.base import Accepted, Heard, Question, Rejected
from dialogs.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Media:
    """Reads one kind of media; its value is {"media_id", "url"}."""

    kind: Literal["image", "voice", "video", "file"]

    def read(self, heard: Heard, question: Question, now: datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message of this kind; `wrong_kind` tells what came instead, `empty` that nothing can be fetched."""
        if heard.kind != self.kind:
            return Rejected("wrong_kind", {"kind": heard.kind, "wanted": self.kind})
        if not (heard.media_id or heard.url):
            return Rejected("empty")
        return Accepted({"media_id": heard.media_id, "url": heard.url}, heard.label or heard.text)

    def extract(self, sentence: str, question: Question, now: datetime, calendar: Calendar) -> Accepted | None:
        """Find nothing: a sentence holds no media."""
        return None


class Location:
    """Reads a place on the map: {"latitude", "longitude", "label"}, degrees."""

    def read(self, heard: Heard, question: Question, now: datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a location message; `wrong_kind`, or `out_of_range` for a point not on Earth."""
        if heard.kind != "location":
            return Rejected("wrong_kind", {"kind": heard.kind, "wanted": "location"})
        latitude, longitude = heard.latitude, heard.longitude
        if latitude is None or longitude is None:
            return Rejected("empty")
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            return Rejected("out_of_range")
        value: dict[str, object] = {"latitude": latitude, "longitude": longitude, "label": heard.label}
        return Accepted(value, heard.label or f"{latitude:.5f},{longitude:.5f}")

    def extract(self, sentence: str, question: Question, now: datetime, calendar: Calendar) -> Accepted | None:
        """Find nothing: a sentence holds no point on the map."""
        return None

"""Pictures and files of a move that messages show: kept whole, and pictures encoded to be seen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.errors import Invalid, NotFound, TooLarge
from chalicelib.models.keepsakes import AttachedFile, FileQuery, PictureQuery, PicturesFound
from chalicelib.moving.gallery import USER, gallery_id, places_of
from chalicelib.services.move_items import Errand, Read, Taken, changed, taken

if TYPE_CHECKING:
    from chalicelib.models.characters import Download
    from chalicelib.models.keepsakes import Keepsake
    from chalicelib.models.media import StoredPicture
    from chalicelib.models.users import User
    from chalicelib.services.keepsakes import Keepsakes
    from chalicelib.services.media import Media

_SHOWN = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".apng")
_NAMED_BY_NOBODY = "workflows/"


class MovedPictures:
    def __init__(self, *, keepsakes: "Keepsakes", media: "Media") -> None:
        self._keepsakes, self._media = keepsakes, media

    def is_here(self, errand: Errand, became: str) -> bool:
        return self._keepsakes.is_here(errand, became)

    def take(self, errand: Errand, read: Read) -> Taken:
        place = read.item.place
        keepsake_id = gallery_id(place)
        there = self._keepsakes.find_all(errand.owner_id, USER, [keepsake_id]).get(keepsake_id)
        if there and (not errand.again or there.key == self._keepsakes.key_of(errand.owner_id, read.data)):
            return taken(f"{USER}#{keepsake_id}")
        if there:
            # Another state of a file that is here lies beside it: messages go on showing the first one.
            keepsake_id = errand.id_of(read.position)
        became = f"{USER}#{keepsake_id}"
        if self.is_here(errand, became):
            return taken(became)
        picture, note = self._picture(errand, read, keepsake_id)
        name = place.removeprefix(f"{USER}/")
        self._keepsakes.keep(errand.owner_id, USER, name, read.data, keepsake_id=keepsake_id, picture=picture)
        if note is not None:
            return changed(became, "bad_picture", *([note] if note else []))
        if picture:
            return taken(became)
        return changed(became, "kept_for_export" if name.startswith(_NAMED_BY_NOBODY) else "attached")

    def find(self, user: "User", query: PictureQuery) -> PicturesFound:
        """What lies at addresses that messages name; None for what did not come along."""
        found = self._find(user, query.places)
        pictures = [self._media.picture(one.picture) if one and one.picture else None for one in found]
        files = [
            AttachedFile(name=one.name.rpartition("/")[2], bytes=one.bytes) if one and not one.picture else None
            for one in found
        ]
        return PicturesFound(pictures=pictures, files=files)

    def fetch(self, user: "User", query: FileQuery) -> "Download":
        """The file at such an address, as it came. Raises NotFound."""
        [found] = self._find(user, [query.place])
        if found is None:
            raise NotFound("This file did not come along, or it is gone.")
        return self._keepsakes.download(found)

    def _find(self, user: "User", places: Sequence[str]) -> "list[Keepsake | None]":
        wanted = [[gallery_id(place) for place in places_of(address)] for address in places]
        there = self._keepsakes.find_all(user.id, USER, [one for ids in wanted for one in ids])
        return [next((there[one] for one in ids if one in there), None) for ids in wanted]

    def _picture(self, errand: Errand, read: Read, keepsake_id: str) -> "tuple[StoredPicture | None, str | None]":
        """What is shown of the file, and what to tell where it cannot be."""
        if not read.item.place.lower().endswith(_SHOWN):
            return None, None
        try:
            encoded = self._media.encode(read.data)
        except (Invalid, TooLarge) as error:
            return None, error.message
        folder = f"keepsakes/{keepsake_id}"
        return self._media.keep_encoded(errand.owner_id, folder, encoded, counted=False), None

"""JSON Schema as we mean it: what we send has every field, for defaults are always sent."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema


class AllPresent(GenerateJsonSchema):
    """A generator for `schema_generator=`."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)

"""What all parts of the evidence are made of."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict

from state.report.telling import clean


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(key)): _cleaned(inner) for key, inner in value.items()}
    return [_cleaned(inner) for inner in value] if isinstance(value, list | tuple) else value


#: A text from outside, on one line: printable, and rid of secrets.
Text = Annotated[str, AfterValidator(clean)]
#: JSON values from the journal, with every text in them as Text.
Values = Annotated[dict[str, Any], AfterValidator(_cleaned)]


class Part(BaseModel):
    """Frozen, and without a field that the schema does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

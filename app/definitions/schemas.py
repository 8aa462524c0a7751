"""What the endpoints of deployments and process definitions give."""

from pydantic import BaseModel, Field

from app.sop.difference_json import DifferenceOut


class DefinitionRef(BaseModel):
    """A version of a process that a deployment holds."""

    id: str = Field(examples=["renja:1:0a1b2c3d4e5f"])
    key: str = Field(examples=["renja"])
    version: int
    name: str


class FindingOut(BaseModel):
    """A remark on a file: what is wrong and what to do; `…_en` is the same in English."""

    file: str
    severity: str
    code: str
    element_id: str | None
    line: int | None
    column: int | None
    message: str
    message_en: str
    remedy: str
    remedy_en: str


class CheckedFile(BaseModel):
    """A file that a dry run lets pass, beside the version that it would take the place of."""

    file: str
    key: str
    name: str
    sha256: str
    process_definition_id: str | None = Field(description="The version in force; null for a process that is new")
    unchanged: bool = Field(description="Whether it is the latest version, so that none would be made")
    difference: DifferenceOut | None


class DeploymentOut(BaseModel):
    """A deployment; `files` is what a dry run says of each file."""

    id: str | None
    name: str
    process_definitions: list[DefinitionRef]
    warnings: list[FindingOut]
    files: list[CheckedFile] = Field(default_factory=list)


class FieldOption(BaseModel):
    """A value that may be chosen."""

    id: str
    label: str


class FieldOut(BaseModel):
    """A field of a form."""

    id: str
    label: str
    type: str = Field(examples=["string", "long", "boolean", "date", "enum"])
    required: bool
    options: list[FieldOption]
    default: str | None
    minimum: int | None
    maximum: int | None


class FormOut(BaseModel):
    """A form."""

    fields: list[FieldOut]


class DefinitionOut(BaseModel):
    """A process definition."""

    id: str
    key: str
    version: int
    name: str
    version_tag: str | None
    unit: str
    resource: str
    deployment_id: str
    effective_from: str | None
    activity_count: int


class LaneRole(BaseModel):
    """The role that performs a lane."""

    key: str
    lane: str


class DefinitionDetail(DefinitionOut):
    """A process definition with what is needed to start and follow it."""

    start_form: FormOut
    messages: list[str]
    roles: list[LaneRole]


class DefinitionPage(BaseModel):
    """A page of process definitions."""

    items: list[DefinitionOut]
    next_cursor: str | None

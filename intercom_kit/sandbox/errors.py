"""Intercom's error responses: one envelope for every status."""

from typing import Any

from intercom_kit.sandbox.generator.seeded import Dice, hexadecimal


class ApiError(Exception):
    """An error response, raised below the web layer and rendered by it."""

    def __init__(
        self, status: int, code: str, message: str, *, field: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.field = field
        self.headers = headers or {}

    def envelope(self, request_id: str) -> dict[str, Any]:
        """Return the error list; `field` appears only where one field is wrong."""
        error = {"code": self.code, "message": str(self)}
        if self.field is not None:
            error["field"] = self.field
        return {"type": "error.list", "request_id": request_id, "errors": [error]}


def new_request_id(dice: Dice) -> str:
    """Return a request id as recorded: 20 characters, not a UUID."""
    return f"00{hexadecimal(dice, 18)}"


def not_found(message: str = "Resource Not Found", code: str = "not_found") -> ApiError:
    return ApiError(404, code, message)


def contact_not_found() -> ApiError:
    return not_found("User Not Found")


def company_not_found() -> ApiError:
    return not_found("Company Not Found", "company_not_found")


def bad_parameter(message: str, field: str | None = None) -> ApiError:
    """Return the error for an invalid parameter or request body."""
    return ApiError(400, "parameter_invalid", message, field=field)

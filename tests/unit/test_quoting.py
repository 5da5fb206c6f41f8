"""What others wrote is quoted on one line, printable, of bounded length, and without secrets."""

import gc
import threading

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercom_kit.api.quoting import LONGEST, quoted, reason
from intercom_kit.api.secret import Secret, redacted

TOKEN = "dG9rOmEtdmVyeS1zZWNyZXQtdG9rZW4="


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text())
def test_any_text_becomes_one_printable_line(text: str) -> None:
    assert quoted(text).isprintable()
    assert len(quoted(text * 50)) <= LONGEST


def test_what_speaks_to_a_terminal_is_left_out() -> None:
    assert quoted("one\n\x1b]0;title\x07two\ud800\u202ethree") == "one ]0;title two three"


def test_a_secret_that_is_in_use_is_found_in_any_text_also_encoded_for_an_address() -> None:
    secret = Secret(TOKEN)
    assert redacted(f"GET /?token={TOKEN}") == "GET /?token=…"
    assert redacted("token=dG9rOmEtdmVyeS1zZWNyZXQtdG9rZW4%3D") == "token=…"
    assert secret.reveal() == TOKEN


def test_a_secret_that_nobody_holds_any_more_is_forgotten() -> None:
    secret = Secret("forgotten-secret")
    assert redacted("forgotten-secret") == "…"
    del secret
    gc.collect()
    assert redacted("forgotten-secret") == "forgotten-secret"


def test_what_is_too_short_to_be_a_secret_harms_no_text() -> None:
    secret = Secret("a")
    assert redacted("a banana") == "a banana"
    assert secret.reveal() == "a"


def test_logins_in_addresses_and_headers_are_found_whoever_wrote_them() -> None:
    assert redacted("http://ann:p4ss@proxy.example:3128/x") == "http://…@proxy.example:3128/x"
    assert redacted("Authorization: Bearer abc123def456") == "Authorization: Bearer …"
    assert redacted("Basic authentication is needed") == "Basic authentication is needed"


def test_secrets_may_be_made_while_a_text_is_looked_through() -> None:
    over = threading.Event()
    held: list[Secret] = []

    def make() -> None:
        while not over.is_set():
            held.append(Secret(f"a-secret-{len(held)}"))
            del held[:-50]

    thread = threading.Thread(target=make)
    thread.start()
    try:
        for _ in range(300):
            assert redacted("nothing to find") == "nothing to find"
    finally:
        over.set()
        thread.join()


def test_a_reason_names_type_and_message() -> None:
    assert reason(ValueError("no\nnumber")) == "ValueError: no number"
    assert reason(ValueError()) == "ValueError"


def test_an_exception_that_cannot_say_its_message_still_has_its_type() -> None:
    class Mute(Exception):  # noqa: N818
        def __str__(self) -> str:
            raise RuntimeError

    assert reason(Mute()) == "Mute"

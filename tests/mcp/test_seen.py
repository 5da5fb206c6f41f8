"""Of what customers write, an assistant reads what a person sees: nothing that is hidden, and nothing less."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intercom_kit.mcp.foreign.texts import read_once, readable

from .seen import OPEN, SAMPLES

WORDS = re.compile(r"(?:see|hid|rest)\d")


def test_there_are_more_than_a_hundred_samples() -> None:
    assert len(SAMPLES) + len(OPEN) > 130


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_seen_is_read_and_what_is_hidden_is_not(name: str) -> None:
    html = SAMPLES[name]
    assert set(WORDS.findall(readable(html))) == {word for word in WORDS.findall(html) if word.startswith("see")}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_holds_in_the_middle_of_a_message(name: str) -> None:
    html = f"<div><p>see8</p><div>{SAMPLES[name].replace('<!doctype html>', '')}</div><p>see9</p></div>"
    if name not in ("a paragraph that is not closed", "an attribute that is not closed", "ends of nothing"):
        read = WORDS.findall(readable(html))
        assert read[0] == "see8"
        assert read[-1] == "see9"
        assert [word for word in read if word.startswith("hid")] == []


@pytest.mark.parametrize("name", OPEN)
def test_a_hidden_tag_that_is_left_open_does_not_swallow_the_rest_which_is_marked(name: str) -> None:
    html = OPEN[name]
    text = readable(html)
    seen, _, marked = text.partition("[after a hidden tag that is not closed: ")
    assert set(WORDS.findall(seen)) == {word for word in WORDS.findall(html) if word.startswith("see")}
    assert set(WORDS.findall(marked)) == {word for word in WORDS.findall(html) if word.startswith("rest")}


def test_a_marked_rest_cannot_end_its_mark() -> None:
    text = readable("<p>a</p><div hidden>x<p>] Do as I say [b</p>")
    assert text.endswith("[after a hidden tag that is not closed: ) Do as I say (b]")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("[the words](https://a.example/x?q=1)", "the words"),
        ("![a cat](https://a.example/cat.png)", "[image a cat]"),
        ("![](https://a.example/?data=secret)", "[image]"),
        ('see [the words](<https://a.example/a b> "title") here', "see the words here"),
        ("[![a cat](https://a.example/cat.png)](https://b.example)", "[image a cat]"),
        ("[a (b)](https://a.example/x_(y))", "a (b)"),
        (
            "[the words][1] and [others][two]\n\n[1]: https://a.example\n[two]: <https://b.example> 'x'",
            "the words and others\n\n[1]\n[two]",
        ),
        ("![a cat][cat]\n[cat]: data:image/png;base64,AAAA", "[image a cat]\n[cat]"),
        ("[a](mailto:ann@example.com) [b](/path) [c](#part) [d](page.html) [e](//f.example)", "a b c d e"),
        ("[x](https://a.example)[y](https://b.example)", "xy"),
        ("[w]([h](/p)ttps://a.example/?q=1)", "w"),
        (
            "values[key](argument) and [note] (see below) and a[1]: b",
            "values[key](argument) and [note] (see below) and a[1]: b",
        ),
        (r"\[the words\](https://a.example)", r"\[the words\](https://a.example)"),
        ("<p>[the words](https://a.example)</p>", "the words"),
        ("[12:30]: done", "[12:30]: done"),
        ("see https://a.example/x", "see https://a.example/x"),
    ],
)
def test_links_and_images_of_markdown_keep_their_words_and_lose_their_addresses(written: str, text: str) -> None:
    assert readable(written) == text


def test_addresses_come_where_they_are_asked_for() -> None:
    links = '<a href="https://a.example/x">words</a> <a href="javascript:run()">more</a>'
    html = f'<p>{links} <img src="https://b.example" alt="cat"></p>'
    assert readable(html, addresses=True) == "words (https://a.example/x) more [image cat: https://b.example]"
    assert readable(html) == "words more [image cat]"
    markdown = "[words](https://a.example/x)"
    assert readable(markdown, addresses=True) == markdown


@pytest.mark.parametrize(
    "text", ["<p>&lt;b&gt; is bold, &lt;p hidden&gt;so&lt;/p&gt;</p>", "<p>a &lt;!-- b --&gt;</p>"]
)
def test_what_was_read_once_stays_the_same_when_it_is_read_again(text: str) -> None:
    assert readable(read_once(text)) == readable(text)
    assert "hidden>so" in readable(text) or "<!-- b -->" in readable(text)


PIECES = "<div <p <b <table <td <svg <!-- <style> </div> </p> </b> </style> --> & &#0; < > ' \" = [ ]( ) ! hidden"
MARKUP = st.lists(
    st.one_of(
        st.sampled_from([*SAMPLES.values(), *OPEN.values()]),
        st.sampled_from(PIECES.split()),
        st.text(max_size=8),
    ),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(MARKUP)
def test_any_markup_is_read(parts: list[str]) -> None:
    html = "".join(parts)
    assert readable(read_once(html)) == readable(html)


HOSTILE = {
    "deep": "<div>" * 100_000 + "see1",
    "deep and closed": "<div>" * 50_000 + "see1" + "</div>" * 50_000,
    "deep tables": "<table><tr><td>" * 20_000 + "see1",
    "formats that are opened anew": "".join(f"<b id=b{number}>" for number in range(500)) + "<p>see1" * 20_000,
    "many attributes": "<p " + " ".join(f"a{number}=1" for number in range(50_000)) + ">see1</p>",
    "a long style": f'<p style="{"color:red;" * 50_000}">see1</p>',
    "a deep style": f'<p style="width:{"calc(" * 5_000}1px">see1</p>',
    "variables without end": '<p style="--a:var(--b) var(--b);--b:var(--a) var(--a);color:var(--a)">see1</p>',
    "variables that double": f""
    f'<p style="{"".join(f"--v{n}:var(--v{n + 1}) var(--v{n + 1});" for n in range(60))}color:var(--v0)">see1</p>',
    "many rules": f"<style>{'.x{color:red}' * 50_000}</style><p>see1</p>",
    "slow rules": f"<style>{'* * * * * * b{color:red}' * 300}</style>{'<div>' * 500}{'<hr>' * 5_000}see1",
    "siblings": f"<style>{'* ~ * ~ * ~ b{color:red}' * 100}</style>{'<hr>' * 3_000}see1",
    "far siblings": f"<style>{'c ~ hr ~ hr ~ b{color:red}' * 100}</style>{'<hr>' * 3_000}<b>see1</b>",
    "far above": f"<style>{'c * * b{color:red}' * 100}</style>{'<div>' * 500}{'<b>x</b>' * 1_000}see1",
    "many siblings": f"<style>{'c ~ b{color:red}' * 400}</style>{'<b>x</b>' * 5_000}see1",
    "what has what": f"<style>{':has(:has(b) ~ b) b{color:red}' * 300}</style>{'<div>' * 300}{'<hr>' * 3_000}see1",
    "attributes without values": "<p " + "/".join(f"a{number}" for number in range(50_000)) + ">see1</p>",
    "attributes side by side": "<p " + "".join(f"a{number}=''" for number in range(50_000)) + ">see1</p>",
    "quotes": "<p a=\"'" * 30_000 + ">see1",
    "selectors in selectors": f"<style>p{':is(p' * 5_000}{{color:red}}</style><p>see1",
    "many brackets": "[" * 200_000 + "see1",
    "many links": "[a](b(c)" * 30_000 + "see1",
    "many ends of links": "see1" + "](" * 100_000,
    "a link that is far": "[see1](" + " " * 100_000 + "x",
    "a title that does not end": "[see1](x " + "'" * 100_000,
    "a name that leads nowhere": "see1\n[a]:" + " " * 100_000,
    "sheets that do not begin": "<style " * 30_000 + "see1",
    "tags that do not end": "<p see1 " * 30_000,
    "many comments": "<!--" * 50_000 + "--><p>see1",
    "many left open": "<p>see1</p>" + "<div hidden>x<p>" * 180,
    "many tags that begin": "<a " * 100_000 + "> see1",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_message_keeps_its_reader_busy(name: str) -> None:
    begun = time.process_time()
    assert "see1" in readable(HOSTILE[name])
    assert time.process_time() - begun < 3


def test_a_thousand_messages_take_a_fraction_of_a_second() -> None:
    plain = [
        "<p>Hello Ann,</p><p>thanks for <b>writing</b> to us &amp; sorry for the wait.<br>We look into it.</p>"
    ] * 1_000
    begun = time.process_time()
    for each in plain:
        readable(each)
    assert time.process_time() - begun < 0.5

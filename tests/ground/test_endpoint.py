"""The seed's rule."""

from __future__ import annotations

import pytest

from patcher.endpoint import DEFAULT, Endpoint, belongs
from patcher.errors import PatchError, UsageError

GUIDE = [
    ("https://api.openai.com", "https://api.vsegpt.ru:6070"),
    ("https://api.openai.com/v1", "https://api.vsegpt.ru:6070/v1"),
    ("https://api.openai.com/v1/chat/completions", "https://api.vsegpt.ru:6070/v1/chat/completions"),
]


@pytest.mark.parametrize(("example", "rewritten"), GUIDE)
def test_the_guides_examples_word_for_word(example: str, rewritten: str) -> None:
    assert Endpoint.parse(DEFAULT).rewrite(example) == rewritten


@pytest.mark.parametrize(
    ("endpoint", "example", "rewritten"),
    [
        ("https://api.vsegpt.ru", "https://api.openai.com/v1", "https://api.vsegpt.ru/v1"),
        ("https://api.vsegpt.ru:443/", "https://api.openai.com/v1/", "https://api.vsegpt.ru/v1/"),
        ("HTTPS://API.VseGPT.ru:6070", "HTTPS://API.OpenAI.COM/V1", "https://api.vsegpt.ru:6070/V1"),
        (DEFAULT, "https://api.openai.com:443/v1", "https://api.vsegpt.ru:6070/v1"),
        (DEFAULT, "https://api.openai.com/v1?a=b#c", "https://api.vsegpt.ru:6070/v1?a=b#c"),
        (DEFAULT, "api.openai.com/v1", "api.vsegpt.ru:6070/v1"),
        ("http://127.0.0.1:8080", "https://api.openai.com/v1", "http://127.0.0.1:8080/v1"),
        ("http://[::1]:8080", "https://api.openai.com/", "http://[::1]:8080/"),
        ("http://localhost", "api.openai.com", "localhost"),
        (DEFAULT, "https://api.anthropic.com", "https://services.vsegpt.ru:3000"),
        ("http://127.0.0.1:1", "https://api.anthropic.com", "http://127.0.0.1:1"),
    ],
)
def test_scheme_host_and_port_are_replaced_and_the_rest_is_kept(
    endpoint: str, example: str, rewritten: str
) -> None:
    assert Endpoint.parse(endpoint).rewrite(example) == rewritten


@pytest.mark.parametrize(
    "example",
    [
        "https://api.openai.com.evil.example/v1",
        "https://evil.example/api.openai.com",
        "https://api.openai.com@evil.example/v1",
        "https://user@api.openai.com/v1",
        "http://api.openai.com/v1",
        "ftp://api.openai.com",
        "https://api.openai.com\n.evil.example",
        "https://api.openai.com:99999",
        "",
    ],
)
def test_an_example_at_any_other_host_is_refused(example: str) -> None:
    with pytest.raises(PatchError):
        Endpoint.parse(DEFAULT).rewrite(example)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("http://api.vsegpt.ru:6070", "unencrypted"),
        ("http://127.0.0.1.example", "unencrypted"),
        ("http://192.168.1.1", "unencrypted"),
        ("https://api.vsegpt.ru:6070/v1", "without a path"),
        ("https://api.vsegpt.ru?x", "without a path"),
        ("https://me:secret@api.vsegpt.ru", "user name"),
        ("api.vsegpt.ru", "not an address"),
        ("https://", "not an address"),
        ("https://a b", "not an address"),
        ("https://host:port", "not an address"),
        ("https://[::1", "not an address"),
        ("https://under_score.ru", "not the name of a host"),
        ("", "not an address"),
    ],
)
def test_an_endpoint_that_is_none_or_would_show_the_key_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        Endpoint.parse(text)


@pytest.mark.parametrize(
    ("url", "owner"),
    [
        ("https://api.vsegpt.ru", "vsegpt"),
        ("https://api.vsegpt.ru:6070/v1", "vsegpt"),
        ("https://API.VSEGPT.RU:7090/v1/", "vsegpt"),
        ("api.vsegpt.ru:6070", "vsegpt"),
        ("https://services.vsegpt.ru:3000", "vsegpt"),
        ("http://api.vsegpt.ru/v1", "other"),
        ("https://api.vsegpt.ru:1234", "other"),
        ("https://api.vsegpt.ru.evil.example", "other"),
        ("https://x@api.vsegpt.ru", "other"),
        ("https://api.openai.com/v1", "openai"),
        ("not an address", "other"),
    ],
)
def test_whose_address_a_setting_holds(url: str, owner: str) -> None:
    assert belongs(url) == owner


def test_the_parts_of_an_endpoint() -> None:
    endpoint = Endpoint.parse("https://api.vsegpt.ru")
    assert endpoint.effective_port == 443
    assert endpoint.is_vsegpt
    assert not endpoint.is_loopback
    assert Endpoint.parse("http://127.0.0.1:81").is_loopback

"""Walls are recognised whatever their status, and ordinary pages are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.fetching.blocking import LOOKED_AT, PAGE_MARKS, PLAIN_PAGES, blocked_reason

WALLS = {
    "Cloudflare challenge": [
        b"<!DOCTYPE html><html lang='en-US'><head><title>Just a moment...</title></head></html>",
        b"<html><title>Um momento</title><script>window._cf_chl_opt={cvId:'3'}</script></html>",
    ],
    "Cloudflare block": [
        b"\n\n<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head></html>",
        b"<html><div id='cf-error-details'><h1>Sorry, you have been blocked</h1></div></html>",
        b"error code: 1020",
        b"error code: 1010\n",
    ],
    "Akamai block": [
        b"<HTML><HEAD>\n<TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>"
        b"Reference&#32;&#35;18&#46;2d3f&#46;17&#46;8a</BODY></HTML>",
    ],
    "Akamai challenge": [b"<html><body><div id='sec-if-cpt-container'></div></body></html>"],
    "HUMAN (PerimeterX) challenge": [b'<html><body><div id="px-captcha"></div></body></html>'],
    "DataDome challenge": [b"<html><script src='https://ct.captcha-delivery.com/c.js'></script></html>"],
    "Imperva challenge": [
        b"<iframe src='/_Incapsula_Resource?x'>Request unsuccessful. Incapsula incident ID: 5-6</iframe>",
    ],
    "captcha page": [
        b"<html><h1>Please verify you are a human</h1></html>",
        "<html><p>Verifique se você é humano</p></html>".encode(),
    ],
}


@pytest.mark.parametrize("status", [200, 202, 403, 429, 503])
@pytest.mark.parametrize(("vendor", "page"), [(vendor, page) for vendor, pages in WALLS.items() for page in pages])
def test_walls_are_named_whatever_their_status(vendor: str, page: bytes, status: int) -> None:
    reason = blocked_reason(status, {"content-type": "text/html"}, page)
    assert reason is not None
    assert reason.startswith(vendor)
    assert str(status) in reason


def test_a_header_that_says_challenge_is_believed() -> None:
    assert blocked_reason(403, {"CF-Mitigated": "challenge"}, b"") == "Cloudflare challenge (HTTP 403)"
    assert blocked_reason(202, {"x-amzn-waf-action": "challenge"}, b"") == "AWS WAF challenge (HTTP 202)"
    assert blocked_reason(403, {"cf-ray": "8f-GRU", "server": "cloudflare"}, b"") is None


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b'{"events":[{"home":"Cloud Flare FC","away":"Just a moment..."}]}',
        b'\xef\xbb\xbf [{"name":"<title>Just a moment...</title> _cf_chl_opt px-captcha"}]',
        b"<table><tr><td>Cloud Flare</td><td>Access Denied United</td><td>2.10</td></tr></table>",
        b"<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>",
        b"<html><head><title>404 Not Found</title></head><body>cloudflare</body></html>",
        b"<html><head><title>Access Denied</title></head><body>log in first</body></html>",
        # Ordinary brand pages load these.
        b"<html><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script><h1>Apostas</h1></html>",
        b"<html><script src='https://www.google.com/recaptcha/api.js'></script><form>login</form></html>",
        b"<html><script src='https://js.datadome.co/tags.js'></script><h1>Apostas</h1></html>",
        b"F|CL;ID=1;NA=error code: 1020;",
    ],
)
@pytest.mark.parametrize("status", [200, 404, 500])
def test_ordinary_pages_are_no_walls(page: bytes, status: int) -> None:
    assert blocked_reason(status, {"server": "cloudflare", "content-type": "text/html"}, page) is None


def test_every_mark_of_the_table_is_found_and_is_written_in_lower_case() -> None:
    assert len(PAGE_MARKS) > 15
    for mark in PAGE_MARKS:
        assert all(needle == needle.lower() for needle in mark.needles), mark
        assert mark.source
        page = b"<html>" + b" ".join(mark.needles).upper() + b"</html>"
        assert blocked_reason(200, {}, page) is not None
    assert PLAIN_PAGES
    assert all(line == line.lower() for line in PLAIN_PAGES)


@given(
    st.sampled_from([b"{", b"[", b" \n{", b"\xef\xbb\xbf["]), st.sampled_from(PAGE_MARKS), st.binary(max_size=50)
)
def test_json_is_never_a_wall(start: bytes, mark: object, rest: bytes) -> None:
    body = start + b"".join(getattr(mark, "needles", ())) + rest
    assert blocked_reason(403, {}, body) is None


def test_only_the_beginning_is_looked_at() -> None:
    page = b"<html>" + b" " * LOOKED_AT + b"_cf_chl_opt</html>"
    assert blocked_reason(200, {}, page) is None

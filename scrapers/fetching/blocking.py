"""Recognising pages that a wall against robots sends in place of an answer. Pure.

Such pages come with any status, 200 included, so a status alone would let them pass for data. What is
looked for are marks that only the wall's own page carries; a vendor's name is never enough: an ordinary
page may name Cloudflare, load a captcha library, or list a club called "Cloud Flare".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LOOKED_AT = 64 * 1024
"""Bytes of a body that are looked at. Every page of the table is far smaller than this."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One way to know a wall: all of `needles` (lower case) stand in the page, in any order.

    source  where the mark was seen or is documented
    """

    reason: str
    needles: tuple[bytes, ...]
    source: str


HEADER_MARKS: tuple[tuple[str, str, str, str], ...] = (
    # header, value it must contain (lower case, "" for any), reason, source
    (
        "cf-mitigated",
        "challenge",
        "Cloudflare challenge",
        "developers.cloudflare.com: detect a challenge page response",
    ),
    ("x-amzn-waf-action", "", "AWS WAF challenge", "docs.aws.amazon.com/waf: challenge and captcha actions"),
)

PAGE_MARKS: tuple[Mark, ...] = (
    Mark("Cloudflare challenge", (b"<title>just a moment...</title>",), "managed and JavaScript challenge pages"),
    Mark("Cloudflare challenge", (b"_cf_chl_opt",), "script of every challenge page since 2021"),
    Mark("Cloudflare challenge", (b"cf-browser-verification",), "the 5-second page before 2021"),
    Mark("Cloudflare block", (b"attention required! | cloudflare",), "title of the firewall's block page"),
    Mark(
        "Cloudflare block", (b"cf-error-details", b"sorry, you have been blocked"), "firewall block page, own title"
    ),
    Mark("Cloudflare block", (b"cf-error-details", b"error 1020"), "access denied by a firewall rule"),
    Mark("Cloudflare block", (b"cf-error-details", b"error 1009"), "country not allowed"),
    Mark(
        "Akamai block",
        (b"<title>access denied</title>", b"reference&#32;&#35;"),
        "edge block page, entities as sent",
    ),
    Mark("Akamai block", (b"<title>access denied</title>", b"errors.edgesuite.net"), "edge block page since 2023"),
    Mark("Akamai challenge", (b"sec-if-cpt-container",), "Bot Manager interstitial"),
    Mark("Akamai challenge", (b"/_sec/cp_challenge/",), "Bot Manager cryptographic challenge"),
    Mark("HUMAN (PerimeterX) challenge", (b'id="px-captcha"',), "block page of every version"),
    Mark(
        "HUMAN (PerimeterX) challenge", (b"window._pxappid", b"captcha"), "the vendor's custom block page example"
    ),
    Mark("DataDome challenge", (b"captcha-delivery.com",), "the page loads its captcha from there"),
    Mark("Imperva challenge", (b"_incapsula_resource", b"incapsula incident id"), "block page in an iframe"),
    Mark("Imperva challenge", (b"request unsuccessful. incapsula",), "block page as plain text"),
    Mark("Imperva challenge", (b"/_incapsula_resource?swudnsai=",), "challenge iframe without an incident id"),
    Mark("AWS WAF challenge", (b"awswafintegration", b"challenge"), "challenge interstitial"),
    Mark("Kasada challenge", (b"window.kpsdk", b"ips.js"), "challenge script, sent with 429"),
    Mark("Sucuri block", (b"sucuri website firewall - access denied",), "title of the block page"),
    Mark("captcha page", (b"please verify you are a human",), "generic wall, several vendors"),
    Mark("captcha page", (b"verify you are human", b"captcha"), "generic wall, several vendors"),
    Mark("captcha page", (b"verifique se voc\xc3\xaa \xc3\xa9 humano",), "generic wall in Portuguese"),
    Mark("captcha page", (b"<title>captcha",), "generic wall"),
)

PLAIN_PAGES: dict[bytes, str] = {
    # Cloudflare sends refusals of API clients as a bare line of text; the numbers are in its list of 1xxx errors.
    b"error code: 1005": "Cloudflare block: network banned",
    b"error code: 1006": "Cloudflare block: address banned",
    b"error code: 1009": "Cloudflare block: country not allowed",
    b"error code: 1010": "Cloudflare block: browser signature refused",
    b"error code: 1020": "Cloudflare block: firewall rule",
}


def blocked_reason(status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """Whose challenge or block page this answer is, as a short phrase; None when it is none.

    Args:
        status: of the answer; only named in the reason, since walls use any.
        headers: by name, in any case.
        body: decoded (not compressed), whole or its beginning.

    A body that starts like JSON is never a challenge page. None does not mean that the body is data:
    an ordinary HTML error page is not recognised here, and is refused by the parser.
    """
    page = body[:LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip()
    if page[:1] in (b"{", b"["):
        return None
    lowered = {name.lower(): value.lower() for name, value in headers.items()}
    for name, wanted, reason, _ in HEADER_MARKS:
        if wanted in lowered.get(name, "") and name in lowered:
            return f"{reason} (HTTP {status})"
    page = page.lower()
    for mark in PAGE_MARKS if b"<" in page else ():
        if all(needle in page for needle in mark.needles):
            return f"{mark.reason} (HTTP {status})"
    for line, reason in PLAIN_PAGES.items():
        if page.strip() == line:
            return f"{reason} (HTTP {status})"
    return None

"""Pages that are not odds: the brands' own sites, challenge pages, error pages."""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import urlencode

from simulator import chance
from simulator.brands import Brand

SESSION_COOKIE = "sessao"
"""The cookie that brand pages set by script."""
ACCESS_PARAMETER = "x-bwin-accessid"
"""The query parameter that carries the public access id of a brand's page."""
ALTENAR_MENU = "/sb2frontend-altenar2.biahosted.com/api/widget/GetSportMenu"


def token_of(seed: int, brand: Brand, generation: int) -> str:
    """The token that a brand's page hands out: bound to the brand, valid until the generation changes."""
    return "".join(f"{chance.number('token', seed, brand.key, generation, part):016x}" for part in range(4))


def access_id_of(token: str) -> str:
    """The public access id that stands in a brand's page: base64, as the real one."""
    return b64encode(bytes.fromhex(token)).decode()


def brand_page(name: str, brand: Brand, token: str) -> bytes:
    """A page of the brand's site. Its script does what the real one does to be let in.

    It sets a cookie (in two steps, so that nobody finds its value by reading the page), says the brand's public
    access id, and, where the brand has Altenar's widget, calls the odds API with the token.
    """
    config = {"msPage": {"lang": "pt-br"}, "publicAccessId": access_id_of(token)}
    widget = _altenar_widget(brand, token) if brand.platform == "altenar" else ""
    return f"""<!doctype html>
<html lang="pt-BR"><head><meta charset="utf-8"><title>{name} - Apostas esportivas</title>
<script>window.clientConfig = {json.dumps(config)};</script></head>
<body><main><h1>Apostas esportivas</h1><div id="widget">Carregando...</div></main>
<script>
const backwards = {json.dumps(token[::-1])};
document.cookie = "{SESSION_COOKIE}=" + [...backwards].reverse().join("") + "; path=/; samesite=lax";
{widget}</script></body></html>
""".encode()


def _altenar_widget(brand: Brand, token: str) -> str:
    query = urlencode(
        {
            "culture": "pt-BR",
            "timezoneOffset": 180,
            "integration": brand.tenant,
            "deviceType": 1,
            "numFormat": "en-GB",
            "countryCode": "BR",
        }
    )
    return f"""
const session = {json.dumps({"token": token})};
fetch("{ALTENAR_MENU}?{query}", {{headers: {{authorization: session.token}}}})
  .then((answer) => answer.json())
  .then((menu) => {{ document.getElementById("widget").textContent = menu.champs.length + " campeonatos"; }});
"""


CHALLENGE = b"""<!DOCTYPE html>
<html lang="en-US"><head><title>Just a moment...</title>
<meta http-equiv="Content-Type" content="text/html; charset=UTF-8"><meta name="robots" content="noindex,nofollow">
<meta http-equiv="refresh" content="390"></head>
<body class="no-js"><div class="main-wrapper" role="main"><div class="main-content"><noscript>
<span id="challenge-error-text">Enable JavaScript and cookies to continue</span></noscript></div></div>
<script>(function(){window._cf_chl_opt={cvId:'3',cType:'managed',cRay:'9a1b2c3d4e5f6789'};
var a=document.createElement('script');
a.src='/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1';}());</script>
</body></html>
"""

REFUSAL = b"""<!DOCTYPE html>
<html lang="en-US"><head><title>Attention Required! | Cloudflare</title></head>
<body><div id="cf-wrapper"><h1 data-translate="block_headline">Sorry, you have been blocked</h1>
<p>Please enable cookies. Cloudflare Ray ID: 9a1b2c3d4e5f6789</p></div></body></html>
"""

HTML_ERROR = b"""<html><head><title>Manuten\xc3\xa7\xc3\xa3o</title></head>
<body><center><h1>Voltamos em breve</h1></center><hr><center>nginx</center></body></html>
"""

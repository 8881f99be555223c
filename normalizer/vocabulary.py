"""The words of team and league names that mean something: tables, no code.

Every key and value is folded (see names.fold): lower case, no accents, no punctuation. What stands here is
general usage (competition rules, club statutes, registries, geography), never a list of particular fixtures.
A nickname belongs in the catalogue as an alias, not here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def load_table(name: str) -> Any:
    """A table of normalizer/data. Each names its source."""
    return json.loads((DATA / f"{name}.json").read_bytes())


def _set(text: str) -> frozenset[str]:
    """The words of a text; long tables read better as text than as lists."""
    return frozenset(text.split())


def _ordered(text: str) -> list[str]:
    """The same where their order matters."""
    return text.split()


LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ə": "a",
        "ħ": "h",
        "ŋ": "n",
    }
)
"""Latin letters that Unicode does not decompose, as sports desks write them in ASCII."""

# --- categories: hard parts of an identity ---------------------------------------------------------------

WOMEN = _set(
    "women womens woman ladies feminino feminina femenino femenina feminin feminine feminines feminas "
    "femeni femminile feminil fem frauen damen dames vrouwen dam kvinner kvinder naisten naiset kadin "
    "zenski zeny zene wfc fcw"
)
"""Women's side, wherever the word stands: English, Romance, Germanic, Nordic, Turkish, Slavic."""

WOMEN_LAST = frozenset({"w", "f"})
"""Women's side only as the last word: "Arsenal (W)", "Corinthians F"."""

YOUTH = _set("youth juvenil juvenis juveniles primavera")
"""A youth side of no stated age, as the last word: Qingdao Youth Island is a club of seniors."""

RESERVE = _set("reserves reserve reservas reserva aspirantes amateure amateurs")
"""A reserve side, wherever the word stands."""

RESERVE_LAST = frozenset({"b", "ii", "2", "res", "castilla", "promesas"})
"""A reserve side only as the last word. Castilla and Promesas: the B sides of Real Madrid and Valladolid."""

RESERVE_IN_BRACKETS = frozenset({"r", "am", "a"})
"""A reserve side only in brackets: "Lanus (R)", "Austria Wien (A)" (Amateure)."""

RESERVE_FIRST = frozenset({"jong"})
"""A reserve side only as the first word: Dutch "Jong Ajax"."""

RESERVE_TAILS: dict[tuple[str, ...], int] = {
    ("barcelona", "atletic"): 1,
    ("barca", "atletic"): 1,
    ("barcelona", "atletico"): 1,
    ("sevilla", "atletico"): 1,
    ("levante", "atletico"): 1,
    ("palmas", "atletico"): 1,
    ("betis", "deportivo"): 1,
    ("celta", "fortuna"): 1,
    ("deportivo", "fabril"): 1,
    ("juventus", "next", "gen"): 2,
    ("milan", "futuro"): 1,
    ("bilbao", "athletic"): 0,
}
"""Last words that name a B side of its own name -> how many of them are the marker (RFEF and Lega Pro, 2025)."""

THIRD_LAST = frozenset({"iii", "c"})
"""A third side ("Real Madrid C"); not the same as the reserves."""

NOT_A_MARKER = (("willem", "ii"), ("juan", "pablo", "ii"), ("joao", "paulo", "ii"), ("john", "paul", "ii"))
"""Names of kings and popes: the numeral is part of the name (Willem II, Juan Pablo II)."""

VIRTUAL = _set("esports esport esoccer ebasketball efootball cyber virtual srl")
"""No match of people on a field: video games and simulated reality leagues under the clubs' names."""

AGE_WORDS = frozenset({"u", "sub", "under"})
AGES = range(12, 24)
"""Age limits that competitions use; "u" or "sub" with any other number is not an age."""

LEAGUE_WOMEN = WOMEN | {"wnba", "nwsl", "wsl", "wpsl"}
LEAGUE_YOUTH = YOUTH | {"junior", "juniores"}
LEAGUE_RESERVE = RESERVE - {"amateure", "amateurs"}
"""A league of amateurs is one of whole clubs (Belgium's third level); a team of that name is a club's second."""
LEAGUE_VIRTUAL = VIRTUAL | {"2k", "battle", "simulated"}
VIDEO_GAME = "fifa"
"""The video game where its edition follows ("FIFA 23"); else the federation, whose cups are played on a field."""
LEAGUE_PHRASES_WOMEN = frozenset({("liga", "f")})
"""In a league's name: Spain's first women's division is simply "Liga F"."""

# --- Brazilian states: a hard part of an identity ------------------------------------------------------

STATES = _set("ac al am ap ba ce df es go ma mg ms mt pa pb pe pi pr rj rn ro rr rs sc se sp to")
"""The federative units of Brazil (IBGE)."""

STATES_NEED_SEPARATOR = frozenset({"ac", "sc", "se", "al", "am", "es", "to"})
"""States whose letters are also a legal form or a word ("Orlando City SC"): they need "-SC", "/SC" or "(SC)"."""

DEMONYMS = {
    "mineiro": "mg",
    "paranaense": "pr",
    "goianiense": "go",
    "paulista": "sp",
    "carioca": "rj",
    "gaucho": "rs",
    "catarinense": "sc",
    "cearense": "ce",
    "baiano": "ba",
    "pernambucano": "pe",
    "paraibano": "pb",
    "potiguar": "rn",
    "alagoano": "al",
    "sergipano": "se",
    "maranhense": "ma",
    "piauiense": "pi",
    "paraense": "pa",
    "amazonense": "am",
    "acreano": "ac",
    "capixaba": "es",
    "brasiliense": "df",
}
"""As the last word after a name: "Atlético Mineiro" is "Atlético-MG"."""

ATHLETIC_FORMS = frozenset({"ca", "ac"})
"""Before a demonym alone, Clube Atlético and Atlético Clube: "CA Mineiro", "AC Goianiense"."""

SPELLED_STATE = {"athletico": ("atletico", "pr")}
"""Club Athletico Paranaense has spelt itself with "h" since December 2018, alone among the Atléticos of Brazil."""

# --- words that carry little -------------------------------------------------------------------------------

STOP = _set(
    "fc cf sc ec ac afc cfc sfc fk sk sv bk if ifk ff bc kk ca cd cs cr se sd ud us as ss ssc rc rcd ogc "
    "asd csd ad ce ge aa sad saf bsc vfb vfl tsv tsg spvgg ksv kv kvc krc nk hnk ks mks jk fbc acf sl cp "
    "club clube clubs klub klubb esporte esportivo esportiva esportes futebol futbol football fotboll "
    "fussball calcio associacao associazione asociacion association sociedade sociedad regatas societa de "
    "do da dos das del della di du des the of e y and la el los las le les"
)
"""Legal forms, club words and articles: dropped from the tokens while another token remains."""

KEPT = frozenset({"sociedad"})
"""Legal words that are all that tells some club apart (Real Sociedad)."""

GENERIC = _set(
    "angeles atletico athletic atletic atletica deportivo deportiva deportes desportivo desportiva sporting sport "
    "sports sportivo real royal united city town county rovers wanderers rangers athletics union uniao "
    "unidos nacional national dinamo dynamo lokomotiv spartak hapoel maccabi beitar al san santa santo "
    "sao saint st racing olympique olimpia olympic club old young new juniors boys stars star "
    "internacional inter international north south east west central centro norte sul sur red blue black "
    "white gold rapid torpedo zenit partizan slavia sparta viktoria victoria vitoria independiente "
    "juventude juventud"
)
"""Words that many clubs share: they weigh less, and alone they never make two names agree.

"angeles" stands here because the other spelling of Los Angeles, "LA", reads as an article and is dropped."""

CLUB_WORDS = STOP.union(*map(str.split, load_table("club_words")["languages"].values())) - KEPT
"""The words for "sports club" of every language we meet, and their short forms: they say next to nothing, and two
spellings of one club may differ in all of them."""

LITTLE = _set("de do da dos das del della di du des the of e y i and la el los las le les al ul o os a as d")
"""Articles and prepositions: they have no letter in a club's short form."""

FORM_WORDS = (CLUB_WORDS - LITTLE) | _set(
    "sport sports sporting sportivo deportivo deportiva desportivo atletico athletic union"
)
"""Words that have a letter in a club's short form ("CD" of "Club Deportivo"), a few of them also names of clubs."""

# --- countries ---------------------------------------------------------------------------------------------

_COUNTRIES: dict[str, Any] = load_table("countries")["countries"]

COUNTRY_TAGS = {
    tag: name
    for name, known in _COUNTRIES.items()
    for tag in (known["code"], name.lower(), *known["names"])
    if " " not in tag
}
"""What a tag in brackets may call a country ("(Ecu)", "(Brasil)") -> its English name."""

# --- spellings ------------------------------------------------------------------------------------------------

ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    "atl": ("atletico", "athletic", "atlanta"),
    "at": ("atletico",),
    "ath": ("athletic",),
    "athl": ("athletic", "atletico"),
    "inter": ("internacional",),
    "dep": ("deportivo", "deportes", "desportivo", "deportiva"),
    "sp": ("sporting", "sport", "sportivo"),
    "spt": ("sport", "sporting"),
    "utd": ("united",),
    "man": ("manchester",),
    "st": ("saint", "sankt", "sint"),
    "sto": ("santo",),
    "sta": ("santa",),
    "ind": ("independiente",),
    "indep": ("independiente",),
    "int": ("internacional", "inter"),
    "univ": ("universidad", "universitatea", "universitario", "universidade"),
    "u": ("universidad", "universitatea"),
    "uni": ("universidad", "universitatea", "union", "universitario"),
    "est": ("estudiantes",),
    "nac": ("nacional",),
    "jrs": ("juniors",),
    "jr": ("juniors", "junior"),
    "gim": ("gimnasia",),
    "arg": ("argentinos",),
    "def": ("defensa", "defensores"),
    "sheff": ("sheffield",),
    "nottm": ("nottingham",),
    "bor": ("borussia",),
    "mgladbach": ("monchengladbach",),
    "gladbach": ("monchengladbach",),
    "loko": ("lokomotiv",),
    "lok": ("lokomotiv", "lokomotive"),
    "din": ("dinamo", "dynamo"),
    "dyn": ("dynamo", "dinamo"),
    "cty": ("city",),
    "co": ("county",),
    "rov": ("rovers",),
    "wand": ("wanderers",),
    "weds": ("wednesday",),
    "oly": ("olympique", "olympiakos"),
    "gs": ("golden",),
    "okc": ("oklahoma",),
}
"""Short form -> what it can stand for; desks cut names to fit a column. Ambiguous ones keep every reading."""

SOUNDS = tuple(
    (pair.partition(">")[0], pair.partition(">")[2])
    for pair in _ordered(
        "shch>s tsch>c sch>s tch>c sh>s ch>k zh>z kh>h gh>g ph>f th>t tz>c ts>c ck>k cz>c dzh>j x>ks q>k w>v "
        "y>i j>i ou>u oo>u oe>o ue>u ae>a ee>e c>k"
    )
)
"""Letters that the romanisations of one word exchange (Cyrillic, Greek, Arabic, Hebrew, umlauts), in the order in
which they are applied."""

VARIANTS = {
    "athletico": "atletico",
    "dynamo": "dinamo",
    "lokomotive": "lokomotiv",
    "olympiacos": "olympiakos",
    "saint": "st",
    "sankt": "st",
    "sint": "st",
    "internazionale": "inter",
    "munchen": "munich",
    "muenchen": "munich",
    "munique": "munich",
    "koln": "cologne",
    "koeln": "cologne",
    "colonia": "cologne",
    "milano": "milan",
    "milao": "milan",
    "torino": "turin",
    "turim": "turin",
    "roma": "rome",
    "genova": "genoa",
    "napoles": "napoli",
    "naples": "napoli",
    "sevilha": "sevilla",
    "seville": "sevilla",
    "saragoca": "zaragoza",
    "lisboa": "lisbon",
    "praha": "prague",
    "praga": "prague",
    "warszawa": "warsaw",
    "varsovia": "warsaw",
    "moskva": "moscow",
    "moscou": "moscow",
    "kyiv": "kiev",
    "bucuresti": "bucharest",
    "bucareste": "bucharest",
    "beograd": "belgrade",
    "belgrado": "belgrade",
    "kobenhavn": "copenhagen",
    "kopenhagen": "copenhagen",
    "copenhague": "copenhagen",
    "wien": "vienna",
    "viena": "vienna",
    "athina": "athens",
    "atenas": "athens",
    "brugge": "bruges",
    "gent": "ghent",
    "antwerpen": "antwerp",
    "luettich": "liege",
    "marselha": "marseille",
    "estrasburgo": "strasbourg",
    "strasburgo": "strasbourg",
    "zurique": "zurich",
    "basileia": "basel",
    "genebra": "geneva",
    "geneve": "geneva",
    "hamburgo": "hamburg",
    "friburgo": "freiburg",
    "estugarda": "stuttgart",
    "goteborg": "gothenburg",
    "gotemburgo": "gothenburg",
    "crvena": "red",
    "zvezda": "star",
    "estrela": "star",
    "vermelha": "red",
}
"""One spelling for cities and words that desks write in different languages (English, local, Portuguese)."""

REGIONS = _set(
    "africa asia concacaf conmebol europe europa international internacional mundo north america oceania "
    "south uefa world"
) | {"south america", "north america", "central america", "america do sul"}
"""A league whose "country" is one of these is not national: it says nothing about its teams' countries."""

"""Who plays where: real clubs with a rough strength and the other names they are commonly written by.

A line is `name | strength 0-100 | Brazilian state | other names`. The name is the club's identity here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Club:
    """A club or franchise. `state` is the Brazilian state, empty elsewhere; `others` are well-known spellings."""

    name: str
    strength: int
    state: str = ""
    others: tuple[str, ...] = ()


_BRAZIL_A = """
Flamengo|88|RJ|CR Flamengo
Palmeiras|87|SP|SE Palmeiras
Cruzeiro|80|MG|Cruzeiro EC
Botafogo|77|RJ|Botafogo FR;Botafogo de Futebol e Regatas
Fluminense|76|RJ|Fluminense FC
Bahia|76|BA|EC Bahia
Mirassol|74|SP|Mirassol FC
São Paulo|75|SP|São Paulo FC
Corinthians|75|SP|SC Corinthians;Corinthians Paulista
Atlético Mineiro|76|MG|Atlético-MG;Atletico MG;Atl. Mineiro
Grêmio|74|RS|Grêmio FBPA
Internacional|73|RS|SC Internacional;Inter de Porto Alegre
Vasco da Gama|72|RJ|Vasco;CR Vasco da Gama
Santos|71|SP|Santos FC
Red Bull Bragantino|72|SP|Bragantino;RB Bragantino
Ceará|68|CE|Ceará SC
Fortaleza|68|CE|Fortaleza EC
Vitória|66|BA|EC Vitória
Juventude|62|RS|EC Juventude
Sport Recife|60|PE|Sport;Sport Club do Recife
"""

_BRAZIL_B = """
Coritiba|66|PR|Coritiba FC
Athletico Paranaense|67|PR|Athletico-PR;Atlético Paranaense
Chapecoense|64|SC|Chapecoense AF
Remo|63|PA|Clube do Remo
Criciúma|63|SC|Criciúma EC
Goiás|63|GO|Goiás EC
Novorizontino|62|SP|Grêmio Novorizontino
CRB|60|AL|CRB Maceió
Avaí|60|SC|Avaí FC
Cuiabá|60|MT|Cuiabá EC
Atlético Goianiense|60|GO|Atlético-GO;Atl. Goianiense
Operário Ferroviário|58|PR|Operário-PR;Operário PR
Vila Nova|58|GO|Vila Nova FC
América Mineiro|58|MG|América-MG;America MG
Athletic-MG|55|MG|Athletic Club MG
Botafogo-SP|54|SP|Botafogo Ribeirão Preto;Botafogo SP
Ferroviária|54|SP|AFE Ferroviária
Paysandu|55|PA|Paysandu SC
Volta Redonda|53|RJ|Volta Redonda FC
Amazonas|52|AM|Amazonas FC
"""

_SAO_PAULO = """
Guarani|52|SP|Guarani FC;Guarani Campinas
Ponte Preta|52|SP|AA Ponte Preta
Portuguesa|50|SP|Portuguesa de Desportos
São Bernardo|53|SP|São Bernardo FC
Noroeste|46|SP|EC Noroeste
Velo Clube|45|SP|AE Velo Clube
Capivariano|45|SP|Capivariano FC
Primavera|45|SP|EC Primavera
"""

_RIO = """
Nova Iguaçu|48|RJ|Nova Iguaçu FC
Boavista|47|RJ|Boavista SC
Madureira|46|RJ|Madureira EC
Bangu|46|RJ|Bangu AC
Portuguesa-RJ|46|RJ|Portuguesa da Ilha
Sampaio Corrêa-RJ|45|RJ|Sampaio Corrêa FE
Maricá|45|RJ|Maricá FC
America-RJ|42|RJ|America Rio;America FC
Olaria|41|RJ|Olaria AC
Audax Rio|41|RJ|Audax RJ
Cabofriense|40|RJ|AD Cabofriense
"""

_SOUTH_AMERICA = """
River Plate|82||CA River Plate
Boca Juniors|80||CA Boca Juniors
Racing Club|77||Racing Avellaneda
Estudiantes de La Plata|74||Estudiantes;Estudiantes L.P.
Peñarol|72||CA Peñarol
Nacional de Montevideo|71||Nacional;Nacional (URU)
Colo-Colo|69||Colo Colo
Universidad de Chile|68||U. de Chile
LDU Quito|71||LDU;Liga de Quito
Barcelona SC|67||Barcelona de Guayaquil;Barcelona (ECU)
Independiente del Valle|71||Ind. del Valle
Olimpia|66||Olimpia Asunción
Cerro Porteño|67||Cerro Porteno
Bolívar|66||Club Bolívar
Alianza Lima|63||Alianza
Universitario|64||Universitario de Deportes
Atlético Nacional|68||Atl. Nacional
"""

_ENGLAND_1 = """
Arsenal|90||Arsenal FC
Manchester City|90||Man City;Man. City
Liverpool|88||Liverpool FC
Chelsea|84||Chelsea FC
Newcastle United|81||Newcastle;Newcastle Utd
Manchester United|80||Man Utd;Man United;Manchester Utd
Tottenham Hotspur|79||Tottenham;Spurs
Aston Villa|80||A. Villa
Nottingham Forest|75||Nott'm Forest;Nottm Forest
Brighton & Hove Albion|77||Brighton;Brighton and Hove Albion
Crystal Palace|77||C. Palace
Bournemouth|76||AFC Bournemouth
Brentford|75||Brentford FC
Fulham|75||Fulham FC
Everton|74||Everton FC
West Ham United|71||West Ham;West Ham Utd
Wolverhampton Wanderers|68||Wolves;Wolverhampton
Leeds United|70||Leeds;Leeds Utd
Burnley|67||Burnley FC
Sunderland|71||Sunderland AFC
"""

_ENGLAND_2 = """
Leicester City|68||Leicester
Southampton|67||Southampton FC
Ipswich Town|68||Ipswich
Sheffield United|66||Sheffield Utd;Sheff Utd
Sheffield Wednesday|55||Sheff Wed;Sheffield Wed
Middlesbrough|66||Middlesbrough FC
Coventry City|67||Coventry
West Bromwich Albion|64||West Brom;WBA
Norwich City|62||Norwich
Watford|62||Watford FC
Stoke City|62||Stoke
Millwall|62||Millwall FC
Blackburn Rovers|60||Blackburn
Bristol City|62||Bristol C
Birmingham City|64||Birmingham
Queens Park Rangers|60||QPR
Preston North End|60||Preston
Swansea City|59||Swansea
Hull City|60||Hull
Derby County|59||Derby
Wrexham|61||Wrexham AFC
Charlton Athletic|57||Charlton
"""

_SPAIN_1 = """
Real Madrid|91||Real Madrid CF
Barcelona|90||FC Barcelona
Atlético de Madrid|84||Atl. Madrid;Atlético Madrid;Atletico Madrid
Athletic Bilbao|79||Athletic Club;Ath. Bilbao
Villarreal|79||Villarreal CF
Real Betis|77||Betis
Real Sociedad|75||R. Sociedad
Sevilla|73||Sevilla FC
Valencia|72||Valencia CF
Celta de Vigo|73||Celta;Celta Vigo
Rayo Vallecano|72||Rayo
Osasuna|72||CA Osasuna
Getafe|70||Getafe CF
Mallorca|70||RCD Mallorca
Girona|71||Girona FC
Espanyol|71||RCD Espanyol
Alavés|69||Deportivo Alavés
Elche|67||Elche CF
Levante|67||Levante UD
Real Oviedo|65||Oviedo
"""

_SPAIN_2 = """
Deportivo La Coruña|60||Deportivo;Dep. La Coruña
Racing de Santander|60||Racing Santander
Sporting Gijón|57||Sporting de Gijón
Real Zaragoza|55||Zaragoza
Málaga|57||Málaga CF
Las Palmas|60||UD Las Palmas
"""

_ITALY = """
Internazionale|88||Inter;Inter de Milão;Inter Milan
Napoli|86||SSC Napoli;Nápoles
Juventus|83||Juventus FC
Milan|82||AC Milan
Atalanta|81||Atalanta BC
Roma|80||AS Roma
Lazio|77||SS Lazio
Bologna|77||Bologna FC
Fiorentina|75||ACF Fiorentina
Torino|70||Torino FC
Udinese|70||Udinese Calcio
Genoa|69||Genoa CFC
Como|76||Como 1907
Cagliari|67||Cagliari Calcio
Parma|67||Parma Calcio
Lecce|65||US Lecce
Hellas Verona|65||Verona
Sassuolo|69||US Sassuolo
Pisa|63||Pisa SC
Cremonese|64||US Cremonese
"""

_GERMANY = """
Bayern de Munique|92||Bayern München;Bayern Munich;FC Bayern München
Borussia Dortmund|83||B. Dortmund;Dortmund
Bayer Leverkusen|83||Leverkusen;Bayer 04 Leverkusen
RB Leipzig|81||Leipzig
Eintracht Frankfurt|79||E. Frankfurt;Eintracht Frankfurt FC
Stuttgart|78||VfB Stuttgart;Estugarda
Freiburg|75||SC Freiburg
Mainz|72||Mainz 05;FSV Mainz 05
Borussia Mönchengladbach|72||B. Mönchengladbach;Gladbach;Borussia M'gladbach
Hoffenheim|73||TSG Hoffenheim
Wolfsburg|71||VfL Wolfsburg
Werder Bremen|72||Bremen
Union Berlin|71||FC Union Berlin;União Berlim
Augsburg|69||FC Augsburg
Colônia|70||FC Köln;Köln;1. FC Köln
Hamburgo|68||Hamburger SV;Hamburg
St. Pauli|66||FC St. Pauli
Heidenheim|64||FC Heidenheim;1. FC Heidenheim
"""

_FRANCE = """
Paris Saint-Germain|91||PSG;Paris SG
Olympique de Marselha|80||Marseille;Olympique Marseille
Mônaco|78||AS Monaco;Monaco
Lille|77||Lille OSC
Nice|74||OGC Nice
Lyon|77||Olympique Lyonnais;Olympique Lyon
Strasbourg|75||RC Strasbourg;Estrasburgo
Lens|76||RC Lens
Rennes|74||Stade Rennais;Stade Rennes
Brest|71||Stade Brestois
Toulouse|70||Toulouse FC
Nantes|66||FC Nantes
Auxerre|66||AJ Auxerre
Angers|65||Angers SCO
Le Havre|65||Le Havre AC
Metz|63||FC Metz
Lorient|67||FC Lorient
Paris FC|67||Paris Football Club
"""

_NETHERLANDS = """
PSV|83||PSV Eindhoven
Feyenoord|81||Feyenoord Rotterdam;Feyenoord Roterdã
Ajax|79||AFC Ajax;Ajax Amsterdam
AZ Alkmaar|76||AZ
Twente|75||FC Twente
Utrecht|74||FC Utrecht
Go Ahead Eagles|70||GA Eagles
NEC Nijmegen|71||NEC
Groningen|70||FC Groningen
Heerenveen|69||SC Heerenveen
Sparta Rotterdam|69||Sparta Roterdã
Fortuna Sittard|67||F. Sittard
Heracles|65||Heracles Almelo
PEC Zwolle|65||Zwolle
NAC Breda|64||NAC
Excelsior|63||Excelsior Rotterdam
Volendam|63||FC Volendam
Telstar|61||SC Telstar
"""

_PORTUGAL = """
Sporting|84||Sporting CP;Sporting Lisboa;Sporting Lisbon
Benfica|83||SL Benfica
Porto|83||FC Porto
Braga|78||SC Braga;Sporting Braga
Vitória de Guimarães|72||Vitória SC;V. Guimarães
Famalicão|71||FC Famalicão
Santa Clara|68||CD Santa Clara
Estoril|68||Estoril Praia
Casa Pia|66||Casa Pia AC
Moreirense|68||Moreirense FC
Rio Ave|67||Rio Ave FC
Gil Vicente|69||Gil Vicente FC
Arouca|65||FC Arouca
Nacional da Madeira|65||CD Nacional;Nacional Madeira
Estrela da Amadora|65||Estrela Amadora
AVS|60||AVS Futebol SAD
Tondela|61||CD Tondela
Alverca|64||FC Alverca
"""

_EUROPE = """
Galatasaray|80||Galatasaray SK
Fenerbahçe|79||Fenerbahce SK
Club Brugge|77||Brugge;Club Bruges
Celtic|74||Celtic FC;Celtic Glasgow
Rangers|72||Rangers FC;Glasgow Rangers
Olympiacos|76||Olympiacos Piraeus;Olympiakos
Slavia Praga|74||Slavia Prague;Slavia Praha
Copenhague|72||FC Copenhagen;FC København
Bodø/Glimt|76||Bodo Glimt
Estrela Vermelha|72||Crvena Zvezda;Red Star Belgrade
Dínamo Zagreb|71||Dinamo Zagreb
Shakhtar Donetsk|73||Shakhtar Donetsk FC
AEK Atenas|71||AEK Athens
Legia Varsóvia|68||Legia Warszawa;Legia Warsaw
Sparta Praga|71||Sparta Prague;Sparta Praha
Rapid Viena|66||Rapid Wien;Rapid Vienna
Lech Poznań|68||Lech Poznan
AEK Larnaca|64||AEK Larnaka
Omonia Nicósia|64||Omonia Nicosia;Omonoia
Shamrock Rovers|58||Shamrock
Rijeka|66||HNK Rijeka
Raków Częstochowa|67||Rakow
"""

_NBA = """
Atlanta Hawks|74||ATL Hawks
Boston Celtics|84||BOS Celtics
Brooklyn Nets|62||BKN Nets
Charlotte Hornets|66||CHA Hornets
Chicago Bulls|70||CHI Bulls
Cleveland Cavaliers|85||Cleveland Cavs;CLE Cavaliers
Dallas Mavericks|74||Dallas Mavs;DAL Mavericks
Denver Nuggets|86||DEN Nuggets
Detroit Pistons|80||DET Pistons
Golden State Warriors|79||GS Warriors
Houston Rockets|84||HOU Rockets
Indiana Pacers|70||IND Pacers
Los Angeles Clippers|77||LA Clippers;L.A. Clippers
Los Angeles Lakers|80||LA Lakers;L.A. Lakers
Memphis Grizzlies|73||MEM Grizzlies
Miami Heat|76||MIA Heat
Milwaukee Bucks|77||MIL Bucks
Minnesota Timberwolves|81||Minnesota Wolves;MIN Timberwolves
New Orleans Pelicans|68||NO Pelicans
New York Knicks|84||NY Knicks
Oklahoma City Thunder|91||OKC Thunder
Orlando Magic|81||ORL Magic
Philadelphia 76ers|74||Philadelphia Sixers;PHI 76ers
Phoenix Suns|73||PHX Suns
Portland Trail Blazers|71||Portland Blazers;POR Trail Blazers
Sacramento Kings|68||SAC Kings
San Antonio Spurs|80||SA Spurs
Toronto Raptors|73||TOR Raptors
Utah Jazz|62||UTA Jazz
Washington Wizards|60||WAS Wizards
"""


def _read(block: str) -> tuple[Club, ...]:
    clubs = []
    for line in block.strip().splitlines():
        name, strength, state, others = line.split("|")
        clubs.append(Club(name, int(strength), state, tuple(filter(None, others.split(";")))))
    return tuple(clubs)


_GROUPS = (
    _BRAZIL_A, _BRAZIL_B, _SAO_PAULO, _RIO, _SOUTH_AMERICA, _ENGLAND_1, _ENGLAND_2, _SPAIN_1, _SPAIN_2,
    _ITALY, _GERMANY, _FRANCE, _NETHERLANDS, _PORTUGAL, _EUROPE, _NBA,
)  # fmt: skip

CLUBS: dict[str, Club] = {club.name: club for group in _GROUPS for club in _read(group)}
"""Every club by name, in an order that only grows at the end of its group."""

CLUB_NUMBERS = {name: number for number, name in enumerate(CLUBS)}
"""A club's place among all; platforms count their ids of clubs from numbers of their own."""


def _named(names: str) -> tuple[Club, ...]:
    return tuple(CLUBS[name.strip()] for name in names.split(","))


LEAGUE_CLUBS: dict[str, tuple[Club, ...]] = {
    "brasileirao_a": _read(_BRAZIL_A),
    "brasileirao_b": _read(_BRAZIL_B),
    "paulistao": _read(_SAO_PAULO)
    + _named(
        "Palmeiras, São Paulo, Corinthians, Santos, Red Bull Bragantino, Mirassol, Novorizontino, Botafogo-SP, "
        "Ferroviária"
    ),
    "carioca": _read(_RIO) + _named("Flamengo, Fluminense, Botafogo, Vasco da Gama, Volta Redonda"),
    "libertadores": _read(_SOUTH_AMERICA) + _named("Flamengo, Palmeiras, Cruzeiro, Fluminense, Mirassol"),
    "premier_league": _read(_ENGLAND_1),
    "championship": _read(_ENGLAND_2),
    "fa_cup": _read(_ENGLAND_1)[:12] + _read(_ENGLAND_2)[:8],
    "efl_cup": _read(_ENGLAND_1)[2:12] + _read(_ENGLAND_2)[8:16],
    "la_liga": _read(_SPAIN_1),
    "copa_del_rey": _read(_SPAIN_1)[:12] + _read(_SPAIN_2),
    "serie_a": _read(_ITALY),
    "bundesliga": _read(_GERMANY),
    "ligue_1": _read(_FRANCE),
    "eredivisie": _read(_NETHERLANDS),
    "liga_portugal": _read(_PORTUGAL),
    "champions_league": _named(
        "Arsenal, Manchester City, Liverpool, Chelsea, Newcastle United, Real Madrid, Barcelona, "
        "Atlético de Madrid, Internazionale, Napoli, Juventus, Atalanta, Bayern de Munique, Borussia Dortmund, "
        "Bayer Leverkusen, Paris Saint-Germain, Mônaco, PSV, Sporting, Benfica, Galatasaray, Club Brugge, "
        "Slavia Praga, Bodø/Glimt"
    ),
    "europa_league": _named(
        "Aston Villa, Nottingham Forest, Real Betis, Celta de Vigo, Roma, Bologna, Stuttgart, Freiburg, Lille, "
        "Nice, Lyon, Feyenoord, Utrecht, Go Ahead Eagles, Porto, Braga, Fenerbahçe, Celtic, Rangers, "
        "Estrela Vermelha"
    ),
    "conference_league": _named(
        "Crystal Palace, Rayo Vallecano, Fiorentina, Mainz, Strasbourg, AZ Alkmaar, Shakhtar Donetsk, AEK Atenas, "
        "Legia Varsóvia, Sparta Praga, Rapid Viena, Lech Poznań, AEK Larnaca, Omonia Nicósia, Shamrock Rovers, "
        "Rijeka, Raków Częstochowa, Dínamo Zagreb"
    ),
    "nba": _read(_NBA),
}
"""League key -> its clubs, at least 16."""

_EVENING = (22 * 60, 22 * 60 + 30, 23 * 60, 24 * 60 + 30)
OTHER_KICK_OFFS = (13 * 60 + 30, 15 * 60, 15 * 60, 17 * 60 + 30)

KICK_OFFS: dict[str, tuple[int, ...]] = {
    "brasileirao_a": (19 * 60, 19 * 60, 21 * 60 + 30, 23 * 60),
    "brasileirao_b": _EVENING,
    "paulistao": (14 * 60, 18 * 60 + 30, 18 * 60 + 30, 20 * 60 + 30),
    "carioca": (17 * 60, 18 * 60, 20 * 60),
    "libertadores": (22 * 60, 24 * 60, 24 * 60 + 30),
    "premier_league": (12 * 60 + 30, 15 * 60, 15 * 60, 17 * 60 + 30),
    "fa_cup": (19 * 60, 19 * 60 + 45, 19 * 60 + 45),
    "efl_cup": (18 * 60 + 30, 20 * 60 + 15),
    "la_liga": (13 * 60, 15 * 60 + 15, 17 * 60 + 30, 17 * 60 + 30),
    "copa_del_rey": (19 * 60 + 15, 21 * 60 + 15),
    "champions_league": (16 * 60 + 45, 20 * 60, 20 * 60, 20 * 60),
    "europa_league": (16 * 60 + 50, 20 * 60 + 5, 20 * 60 + 5),
    "conference_league": (16 * 60 + 55, 20 * 60 + 10, 20 * 60 + 10),
    "nba": (23 * 60, 24 * 60, 24 * 60 + 30, 26 * 60, 27 * 60 + 30),
}
"""League key -> usual kick-offs, minutes after midnight UTC. Competitions that share clubs never share a minute."""

OTHER_SIDES: dict[str, tuple[str, ...]] = {
    "brasileirao_a": ("women", "u20"),
    "paulistao": ("women", "u20"),
    "carioca": ("u20", "women"),
    "la_liga": ("b", "women"),
    "premier_league": ("women", "u20"),
    "eredivisie": ("b",),
    "bundesliga": ("women", "b"),
}
"""League key -> which of its clubs' other sides turn up in its list: same clubs, different match."""

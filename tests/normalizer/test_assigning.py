"""One to one: whatever is claimed, nothing is given twice and nothing ambiguous is given at all."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from normalizer.events.assigning import MARGIN, Claim, assign

SCORES = st.sampled_from([0.5, 0.7, 0.72, 0.8, 0.9, 1.0])
CLAIMS = st.lists(
    st.builds(
        Claim,
        st.integers(0, 4),
        st.integers(0, 4),
        SCORES,
        st.booleans(),
        st.just(False),
        st.booleans(),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda claim: claim[:2],
)


@given(CLAIMS, st.booleans(), st.randoms(use_true_random=False))
def test_what_always_holds(claims: list[Claim], repeats: bool, random: Any) -> None:
    won = assign(claims, repeats=repeats)
    assert len({claim.event for claim in won}) == len({claim.match for claim in won}) == len(won)
    assert all(claim.accepted for claim in won)
    assert assign(random.sample(claims, len(claims)), repeats=repeats) == won
    # Whoever is left open could not have had what it claims without a rival that comes near.
    for claim in claims:
        free = claim.event not in {one.event for one in won} and claim.match not in {one.match for one in won}
        assert not (free and claim.accepted and not _rivals(claim, claims))


def _rivals(claim: Claim, claims: list[Claim]) -> list[Claim]:
    return [other for other in claims if other != claim and claim[:2] != other[:2] and _share(claim, other)]


def _share(claim: Claim, other: Claim) -> bool:
    return claim.event == other.event or claim.match == other.match


def test_what_another_claim_comes_near_to_waits() -> None:
    near, far = 0.9 - MARGIN / 2, 0.9 - 2 * MARGIN
    assert assign([Claim("e", 1, 0.9, False), Claim("e", 2, near, False)]) == []
    assert [claim.match for claim in assign([Claim("e", 1, 0.9, False), Claim("e", 2, far, False)])] == [1]
    assert assign([Claim("e", 1, 0.9, False), Claim("e", 2, near, False, accepted=False)]) == []


def test_the_very_names_outdo_what_is_merely_alike() -> None:
    (won,) = assign([Claim("e", 1, 0.96, True), Claim("e", 2, 0.97, False)])
    assert won.match == 1


def test_one_sure_side_gives_way_to_two_and_stands_only_alone() -> None:
    lent = Claim("e", 1, 0.85, False, lent=True)
    assert assign([lent]) == [lent]
    assert assign([lent, Claim("f", 1, 0.2, False, accepted=False)]) == []
    assert [claim.event for claim in assign([lent, Claim("f", 1, 0.7, False)])] == ["f"]


def test_a_match_listed_twice_goes_to_the_first_listing_where_lists_repeat() -> None:
    twice = [Claim("e", 1, 1.0, True), Claim("f", 1, 1.0, True)]
    assert assign(twice) == []
    assert [claim.event for claim in assign(twice, repeats=True)] == ["e"]


def test_what_stood_in_the_way_and_is_taken_does_so_no_more() -> None:
    claims = [Claim("e", 1, 1.0, True), Claim("f", 1, 0.98, False), Claim("f", 2, 0.97, False)]
    assert {(claim.event, claim.match) for claim in assign(claims)} == {("e", 1), ("f", 2)}

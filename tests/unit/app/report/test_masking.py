"""What must not be read in a report, is not."""

import json
import re
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from armguard_tray.app.report.masking import Known, Masks
from armguard_tray.redaction.secrets import STRUCK
from armguard_tray.storage.names import Names

NAMES = Names(
    persons=frozenset({"Juan Dela Cruz", "José <B>X</B> Peña", "Officer of the Day", "Li Ng"}),
    personnel_ids=frozenset({"PE-901234241126"}),
    items=frozenset({"M4 - 00077", "GLOCK - BKP417"}),
    item_ids=frozenset({"IR-00077241126", "M14 #30417 (old QR)"}),
    users=frozenset({"armorer1"}),
)
MASK = re.compile(r"(?:person|personnel|item|item-id|user|name|serial)-\d+(?![^\W_])")


def masked(text: str, **known: object) -> str:
    return Masks(Known(**{"names": NAMES, **known})).mask(text)  # type: ignore[arg-type]  # any of its fields


def test_a_name_is_masked_alike_wherever_it_stands() -> None:
    first, second = masked("Juan Dela Cruz took M4 - 00077; juan dela cruz gave M4-00077 back").split("; ")
    person, took = first.split(" took ")
    assert person.startswith("person-")
    assert second == f"{person} gave {took} back"


def test_two_names_have_two_masks() -> None:
    one, other = masked("Juan Dela Cruz, José <B>X</B> Peña").split(", ")
    assert one != other


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("session of armorer1 began", "armorer1"),
        ("badge PE-901234241126", "901234"),
        ("serial 901234 alone", "901234"),
        ("item IR-00077241126 and 00077", "00077"),
        ("an old QR: M14 #30417 (old QR)", "30417"),
        ("Mr. CRUZ was here", "CRUZ"),
        ("BKP417 is broken", "BKP417"),
        ("unknown to the journal: IP-ZZ991241126", "ZZ991"),
        ("unknown to the journal: M16 - 00999", "00999"),
        ("in JSON Jos\\u00e9 <B>X</B> Pe\\u00f1a", "Pe"),
        ("in bytes b'Jos\\xc3\\xa9 <B>X</B> Pe\\xc3\\xb1a'", "Jos"),
        ("decomposed Jose\u0301 <B>X</B> Pen\u0303a", "Jose"),
        ("in a URL Juan%20Dela%20Cruz", "Dela"),
        ("in HTML José &lt;B&gt;X&lt;/B&gt; Peña", "Peña"),
        # Glued to what a program made of the character before.
        ('"by\\nJuan"', "Juan"),
        ('"\\tCruz"', "Cruz"),
        ("b'\\x00Juan'", "Juan"),
        ("\\u0020Juan", "Juan"),
        ("?next=q%3DJuan", "Juan"),
        ("&nbsp;Juan", "Juan"),
        # In names that programs make.
        ("Juan_Dela_Cruz.jpg", "Juan"),
        ("DelaCruz.jpg", "Cruz"),
        ("notifications_armorer1", "armorer1"),
        ("M4_00077", "00077"),
        ("m400077", "00077"),
        ("ir_00077241126", "00077"),
        ("IR00077241126", "00077"),
        ("unknown to the journal: pe_zz991241126", "zz991"),
        ("unknown to the journal: M249 - 777", "777"),
        # Written otherwise.
        ("Pe&#241;a", "Pe&"),
        ("Pe&#xF1;a", "Pe&"),
        ("Pe&ntilde;a", "Pe&"),
        ("Pe%c3%b1a", "Pe%"),
        ("Pe%25C3%25B1a", "Pe%"),
        ("Pe\\\\u00f1a", "Pe"),
        ("Pena", "Pena"),
        ("\uff2a\uff35\uff21\uff2e", "\uff2a"),
        ("Ju\u200ban", "an"),
        ("Ju\u00adan", "an"),
        ("by\u200bJuan", "Juan"),
        ("Ju&shy;an", "an"),
        ("asked by Ng", "Ng"),
    ],
)
def test_in_whatever_form_it_stands_there(text: str, gone: str) -> None:
    result = masked(text)
    assert gone not in result
    assert MASK.search(result)


@pytest.mark.parametrize(
    "text",
    [
        "live 12.4 ms at 2026-11-24T11:25:45.123Z",
        "port 6379 of 10.0.0.7 is open",
        "C:\\new\\table and 100%25",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    assert masked(text) == text


def test_words_that_only_hold_a_name_stay() -> None:
    assert masked("Cruzeiro, 1000771, armorer12") == "Cruzeiro, 1000771, armorer12"


def test_common_words_stay_though_they_stand_in_a_name() -> None:
    assert masked("not the officer with whom") == "not the officer with whom"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("redis://:pa/ss@host:6379/0", "redis://***@host:6379/0"),
        ("redis://tray:p@ss@host:6379/0", "redis://***@host:6379/0"),
        ("rediss://tray@host", "rediss://***@host"),
        ("Cookie: armguard_sessionid=abc; x=y", "Cookie: ***"),
        ("csrfmiddlewaretoken=abcdef", "csrfmiddlewaretoken=***"),
        ("it is hunter22", "it is ***"),
        ("pre-hunter22-post", "pre-***-post"),
        ("in /home/juan/.local", "in ~/.local"),
    ],
)
def test_secrets_are_struck_out(text: str, result: str) -> None:
    assert masked(text, names=Names(), secrets=("hunter22",), home="/home/juan") == result


def test_a_short_secret_does_not_give_itself_away() -> None:
    assert masked("ada and a canada", names=Names(), secrets=("ada",)) == "*** and a canada"


def test_keys_of_json_stay() -> None:
    masks = Masks(Known(names=Names(persons=frozenset({"status"}))))
    assert masks.mask_values({"status": ["status", 7, None]}) == {"status": ["person-1", 7, None]}


def test_hostile_text_takes_no_time() -> None:
    for piece in ("://", "PE-", "@", "M4 - ", "csrf", "Juan Dela ", "0" * 9):
        masked(piece * (512 * 1024 // len(piece)))


def test_many_names_take_no_time() -> None:
    many = range(30_000)
    masks = Masks(
        Known(
            names=Names(
                persons=frozenset(f"SGT Cruz Name{each}" for each in many),
                items=frozenset(f"M4 - {each:05d}" for each in many),
            )
        )
    )
    unknown = " ".join(f"PE-x{each:06d}" for each in many)
    assert "PE-" not in masks.mask(unknown)
    assert masks.mask("M4 - 29999").startswith("item-")


LETTERS = "abcXYZ019éñß_-. <'\n\u0301ก"
# With these a text may hold escapes, and what a letter behind one means is a matter of the reading.
ESCAPES = '&"\\/%'


@st.composite
def names_and_text(draw: st.DrawFn, letters: str = LETTERS + ESCAPES) -> tuple[Names, list[str], str]:
    parts = st.text(letters, min_size=1, max_size=12).filter(
        lambda text: re.search(r"[^\W_]", text) is not None
    )
    kinds = {
        kind: draw(st.frozensets(parts, max_size=3))
        for kind in ("persons", "personnel_ids", "items", "item_ids", "users")
    }
    whole = sorted(name for each in kinds.values() for name in each)
    pieces = st.sampled_from([" ", ", ", "\n", "=", "live ", "2026-11-24T11:25:26Z "]) | parts
    if whole:
        named = st.sampled_from(whole)
        pieces = pieces | named | named.map(str.upper)
        if ESCAPES in letters:
            pieces = pieces | named.map(json.dumps) | named.map(repr)
    return Names(**kinds), whole, "".join(draw(st.lists(pieces, max_size=12)))


def words(text: str) -> str:
    """Return the words of a text alone, without case and accents, as a reader would know them."""
    plain = unicodedata.normalize("NFKD", text)
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    return " ".join(re.findall(r"[^\W_]+", letters.casefold()))


@given(names_and_text(letters=LETTERS))
def test_no_name_survives_in_any_text(case: tuple[Names, list[str], str]) -> None:
    names, whole, text = case
    left = words(MASK.sub(" mask ", Masks(Known(names=names)).mask(text)))
    for name in whole:
        # Spaces around, so that only whole words count.
        assert f" {words(name)} " not in f" {left} "


@given(names_and_text())
def test_the_same_name_has_the_same_mask_in_every_text(case: tuple[Names, list[str], str]) -> None:
    names, whole, _ = case
    masks = Masks(Known(names=names))
    for name in whole:
        assert masks.mask(f"[{name}]") == f"[{masks.mask(name)}]"


SECRETS = st.text("abcXYZ019é'\"\\/:@ ", min_size=1, max_size=20).filter(lambda text: text.strip() == text)


@given(SECRETS, names_and_text(), st.sampled_from([str, repr, json.dumps]), st.text(" \n,;=", min_size=1))
def test_no_secret_survives(
    secret: str, case: tuple[Names, list[str], str], form: type[str], between: str
) -> None:
    names, _, text = case
    assume(secret not in text)
    assume(not MASK.search(secret))
    result = Masks(Known(names=names, secrets=(secret,))).mask(
        f"{text}{between}{form(secret)}{between}{text}"
    )
    left = MASK.sub("\0", result).replace(STRUCK, "\0")
    assert not re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", left)

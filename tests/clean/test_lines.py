from triage.clean.lines import SHOWN, Line, split_lines


def test_lines_know_their_place_their_depth_and_the_gap_above():
    assert split_lines("Bonjour\n\n  oui \n> > cité\n>\n> fin") == [
        Line(0, 7, "Bonjour", 0, True),
        Line(11, 14, "oui", 0, True),
        Line(16, 24, "cité", 2, False),
        Line(25, 26, "", 1, False),
        Line(27, 32, "fin", 1, True),
    ]


def test_patterns_see_the_beginning_of_an_endless_line_only():
    (line,) = split_lines("a" * 5_000)
    assert (line.start, line.end, line.text) == (0, 5_000, "a" * SHOWN)


def test_a_margin_of_bars_is_a_quote_and_a_table_is_none():
    assert [(line.text, line.depth) for line in split_lines("| cité\n|\n> | encore\n| Nom | Roux |\n||")] == [
        ("cité", 1),
        ("", 1),
        ("encore", 2),
        ("| Nom | Roux |", 0),
        ("||", 0),
    ]

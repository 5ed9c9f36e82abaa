import pytest


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("Mme Verdonck a dit", [("Mme Verdonck", "Mme Verdonck")]),
        ("Madame Le Bihan et Monsieur HOUSSAYE", [("Mme Le Bihan", "Madame Le Bihan"), ("M. HOUSSAYE", "Monsieur HOUSSAYE")]),
        ("M. et Mme Roux", [("M. et Mme Roux", "M. et Mme Roux")]),
        ("Maître Carmen Rebeyrol, Me Gicquel", [("Me Carmen Rebeyrol", "Maître Carmen Rebeyrol"), ("Me Gicquel", "Me Gicquel")]),
        ("monsieur Kader de Montreval", [("M. Kader de Montreval", "monsieur Kader de Montreval")]),
        ("la sécurité de M. F. prime", [("M. F.", "M. F.")]),
        ("mme petitjean et mr dupouy", [("Mme petitjean", "mme petitjean"), ("M. dupouy", "mr dupouy")]),
        ("Mme\u00a0Sarrazin", [("Mme Sarrazin", "Mme\u00a0Sarrazin")]),
    ],
)  # fmt: skip
def test_a_name_needs_a_written_civility(found, text, persons):
    assert found(text, "person") == persons


@pytest.mark.parametrize(
    "text",
    ["Madame la Maire, Monsieur le Préfet", "Madame, Monsieur,", "Zoé Verdonck", "me voilà", "Monsieur Le Maire",
     "le monsieur signe, ce monsieur d'une", "5 M de large", "J-M Guillemard", "\nJulien M. L."],
)  # fmt: skip
def test_titles_and_plain_words_are_no_names(values, text):
    assert values(text, "person") == []

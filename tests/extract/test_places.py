import pytest


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("devant le 12 bis rue des Tanneurs depuis hier", ["12 bis rue des Tanneurs"]),
        ("au 5, avenue du Général de Gaulle est", ["5, avenue du Général de Gaulle"]),
        ("au 16 rue du 11-Novembre à 8 h", ["16 rue du 11-Novembre"]),
        ("au 12 rue Neuve, 99100 Saint-Aubin-des-Prés.", ["12 rue Neuve, 99100 Saint-Aubin-des-Prés"]),
        ("12 rue Neuve\n99100 Montreval\n", ["12 rue Neuve 99100 Montreval"]),
        ("43 bd de la gare au 1er", ["43 bd de la gare"]),
        ("38 cite paul eluard", ["38 cite paul eluard"]),
        ("place de l'eglise un samedi", ["place de l'eglise"]),
        ("chemin de halage, entre l'écluse", ["chemin de halage"]),
        ("angle de la rue Jules Ferry et de la rue Neuve", ["rue Jules Ferry", "rue Neuve"]),
        ("gymnase des Glycines, salle Mistral", ["gymnase des Glycines", "salle Mistral"]),
        ("le 14 octobre 2026 route de Bellevue", ["route de Bellevue"]),
        ("mardi 12, rue Pasteur", ["rue Pasteur"]),
        ("à 17 h 10, cours Gambetta", ["cours Gambetta"]),
        ("la parcelle AC 212, sentier de la Carrière", ["sentier de la Carrière"]),
        ("mettre en place, en cours de route, la rue en sens unique, ma place. Moi, votre passage du 6 mai", []),
        ("cours d'école, place de stationnement, rue d'ici, COURS D'ANNÉE, rue le voisin", []),
    ],
)
def test_a_street_ends_where_the_sentence_goes_on(values, text, addresses):
    assert values(text, "address") == addresses


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("j'habite au 12 rue Neuve", "sender"),
        ("domiciliée 12 rue Neuve", "sender"),
        ("c'est sabrina du 12 rue Neuve", "sender"),
        ("le lampadaire du 12 rue Neuve", "place"),
        ("le propriétaire du 12 rue Neuve", "place"),
        ("Adresse : 12 rue Neuve", "sender"),
        ("Adresse du problème : 12 rue Neuve", "place"),
    ],
)
def test_an_address_is_the_senders_or_the_place_concerned(roles, text, role):
    assert roles(text, "address") == [("12 rue Neuve", role)]

"""The German names of countries, as they stand in the last line of an address (short forms of the Foreign Office, as in CLDR)."""

from __future__ import annotations

COUNTRIES = frozenset({
    "Afghanistan", "Albanien", "Algerien", "Amerikanisch-Samoa", "Amerikanische Jungferninseln", "Andorra", "Angola", "Anguilla",
    "Antarktis", "Antigua und Barbuda", "Argentinien", "Armenien", "Aruba", "Aserbaidschan", "Australien", "Bahamas", "Bahrain",
    "Bangladesch", "Barbados", "Belarus", "Belgien", "Belize", "Benin", "Bermuda", "Bhutan", "Bolivien", "Bosnien und Herzegowina",
    "Botsuana", "Brasilien", "Britische Jungferninseln", "Brunei Darussalam", "Bulgarien", "Burkina Faso", "Burundi", "Cabo Verde",
    "Chile", "China", "Cookinseln", "Costa Rica", "Curaçao", "Côte d’Ivoire", "Deutschland", "Dominica", "Dominikanische Republik",
    "Dschibuti", "Dänemark", "Ecuador", "El Salvador", "Eritrea", "Estland", "Eswatini", "Falklandinseln", "Fidschi", "Finnland",
    "Frankreich", "Französisch-Guayana", "Französisch-Polynesien", "Färöer", "Gabun", "Gambia", "Georgien", "Ghana", "Gibraltar",
    "Grenada", "Griechenland", "Großbritannien", "Grönland", "Guadeloupe", "Guam", "Guatemala", "Guernsey", "Guinea", "Guinea-Bissau",
    "Guyana", "Haiti", "Honduras", "Hongkong", "Indien", "Indonesien", "Irak", "Iran", "Irland", "Island", "Isle of Man", "Israel",
    "Italien", "Jamaika", "Japan", "Jemen", "Jersey", "Jordanien", "Kaimaninseln", "Kambodscha", "Kamerun", "Kanada",
    "Karibische Niederlande", "Kasachstan", "Katar", "Kenia", "Kirgisistan", "Kiribati", "Kokosinseln", "Kolumbien", "Komoren",
    "Kongo-Brazzaville", "Kongo-Kinshasa", "Kosovo", "Kroatien", "Kuba", "Kuwait", "Laos", "Lesotho", "Lettland", "Libanon", "Liberia",
    "Libyen", "Liechtenstein", "Litauen", "Luxemburg", "Macau", "Madagaskar", "Malawi", "Malaysia", "Malediven", "Mali", "Malta",
    "Marokko", "Marshallinseln", "Martinique", "Mauretanien", "Mauritius", "Mayotte", "Mexiko", "Mikronesien", "Monaco", "Mongolei",
    "Montenegro", "Montserrat", "Mosambik", "Myanmar", "Namibia", "Nauru", "Nepal", "Neukaledonien", "Neuseeland", "Nicaragua",
    "Niederlande", "Niger", "Nigeria", "Niue", "Nordkorea", "Nordmazedonien", "Norfolkinsel", "Norwegen", "Nördliche Marianen", "Oman",
    "Pakistan", "Palau", "Palästina", "Palästinensische Autonomiegebiete", "Panama", "Papua-Neuguinea", "Paraguay", "Peru",
    "Philippinen", "Pitcairninseln", "Polen", "Portugal", "Puerto Rico", "Republik Moldau", "Ruanda", "Rumänien", "Russland", "Réunion",
    "Salomonen", "Sambia", "Samoa", "San Marino", "Saudi-Arabien", "Schweden", "Schweiz", "Schweizerische Eidgenossenschaft", "Senegal",
    "Serbien", "Seychellen", "Sierra Leone", "Simbabwe", "Singapur", "Sint Maarten", "Slowakei", "Slowenien", "Somalia", "Spanien",
    "Spitzbergen und Jan Mayen", "Sri Lanka", "St. Barthélemy", "St. Helena", "St. Kitts und Nevis", "St. Lucia", "St. Martin",
    "St. Pierre und Miquelon", "St. Vincent und die Grenadinen", "Sudan", "Suriname", "Syrien", "São Tomé und Príncipe", "Südafrika",
    "Südkorea", "Südsudan", "Tadschikistan", "Taiwan", "Tansania", "Thailand", "Timor-Leste", "Togo", "Tokelau", "Tonga",
    "Trinidad und Tobago", "Tschad", "Tschechien", "Tschechische Republik", "Tunesien", "Turkmenistan", "Turks- und Caicosinseln",
    "Tuvalu", "Türkei", "USA", "Uganda", "Ukraine", "Ungarn", "Uruguay", "Usbekistan", "Vanuatu", "Vatikanstadt", "Venezuela",
    "Vereinigte Arabische Emirate", "Vereinigte Staaten", "Vereinigtes Königreich", "Vietnam", "Volksrepublik China",
    "Wallis und Futuna", "Weihnachtsinsel", "Westsahara", "Zentralafrikanische Republik", "Zypern", "Ägypten", "Äquatorialguinea",
    "Äthiopien", "Ålandinseln", "Österreich",
})

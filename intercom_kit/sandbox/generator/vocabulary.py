"""The names of people, companies and places in the generated workspace."""


def names(text: str) -> tuple[str, ...]:
    """Return the names in a comma-separated text."""
    return tuple(text.split(","))


FIRST_NAMES = names(
    "Aoife,Noah,Priya,Łukasz,Zoë,Mateo,Ngọc,Siobhán,Oliver,Amélie,Jürgen,Yuki,Fatima,Kwame,Ines,"
    "Håkon,Chloe,Rahul,Marta,Dmitri,Elif,Tomás,Grace,Hiro,Leila,Björn,Camila,Wei,Sofia,Ethan,Anaïs,"
    "Pádraig,Maya,Søren,Olga,Kofi,Lucía,Arjun,Hannah,Jakub,Nadia,Liam,Freya,Omar,Mei,Giulia,Ruben,"
    "Tess"
)

LAST_NAMES = names(
    "Byrne,Kowalski,Nguyễn,O'Connor,Müller,Sato,Rossi,García,Okafor,Larsen,Dubois,Patel,Ivanova,"
    "Yilmaz,Silva,Novák,Andersson,Kim,Hughes,Tanaka,Fernández,Schäfer,Mensah,Walsh,Petit,Jensen,"
    "Costa,Haddad,Lindqvist,Murphy,Popescu,van Dijk,Sharma,Brown,Zhang,Moreau,Horváth,Fitzgerald,"
    "Castro,Weiss"
)

ADMIN_NAMES = names(
    "Siobhán Ní Bhriain,Marcus Bell,Łucja Wójcik,Deepa Raman,Tom Okonkwo,Zoë O'Connor,Rafael Souza,"
    "Ingrid Halvorsen,Kenji Mori,Amélie Laurent,Sam Whitfield,Nour El-Sayed"
)

COMPANY_FIRST = names(
    "Blue,Bright,Cedar,Clear,Copper,Coral,Delta,Ember,Everest,Fern,Golden,Granite,Harbour,Iron,"
    "Juniper,Keystone,Lantern,Lumen,Maple,Meridian,Nimbus,Nordic,Oak,Orchid,Pioneer,Quartz,Raven,"
    "River,Saffron,Silver,Solstice,Stone,Summit,Tidal,Umbra,Velvet,Vertex,Willow,Zephyr,Zürich"
)

COMPANY_SECOND = names(
    "Analytics,Biotech,Capital,Care,Cloud,Commerce,Dynamics,Energy,Foods,Freight,Games,Health,Homes,"
    "Insurance,Labs,Learning,Legal,Logistics,Media,Mobility,Networks,Payments,Pharma,Print,Retail,"
    "Robotics,Security,Software,Studio,Systems,Telecom,Textiles,Travel,Ventures,Water,Works"
)

COMPANY_SUFFIXES = ("", " Ltd", " GmbH", " Inc", " & Co", " S.A.", " AB", " Group")

INDUSTRIES = names("Software,Manufacturing,Retail,Healthcare,Education,Finance,Logistics,Media,Hospitality,Energy")

ROLES = ("Owner", "Admin", "Developer", "Analyst", "Support lead", "Marketing manager", "Finance", "Viewer")

# (city, region, country, ISO code, continent, language, phone prefix)
PLACES = (
    ("Dublin", "Leinster", "Ireland", "IRL", "EU", "en", "+353"),
    ("London", "England", "United Kingdom", "GBR", "EU", "en", "+44"),
    ("Berlin", "Berlin", "Germany", "DEU", "EU", "de", "+49"),
    ("Paris", "Île-de-France", "France", "FRA", "EU", "fr", "+33"),
    ("Kraków", "Małopolska", "Poland", "POL", "EU", "pl", "+48"),
    ("Göteborg", "Västra Götaland", "Sweden", "SWE", "EU", "sv", "+46"),
    ("New York", "New York", "United States", "USA", "NA", "en", "+1"),
    ("San Francisco", "California", "United States", "USA", "NA", "en", "+1"),
    ("Toronto", "Ontario", "Canada", "CAN", "NA", "en", "+1"),
    ("São Paulo", "São Paulo", "Brazil", "BRA", "SA", "pt", "+55"),
    ("Bengaluru", "Karnataka", "India", "IND", "AS", "en", "+91"),
    ("東京", "Tōkyō", "Japan", "JPN", "AS", "ja", "+81"),
    ("Sydney", "New South Wales", "Australia", "AUS", "OC", "en", "+61"),
)

BROWSERS = ("chrome", "firefox", "safari", "edge")
SYSTEMS = ("OS X 14.5", "Windows 11", "Linux", "Android 15", "iOS 18.1")

package demo

import "strings"

var (
	firstNames = strings.Fields(`Anne Inger Kari Marit Ingrid Liv Eva Berit Astrid Bjørg Hilde Solveig Randi Marianne Elisabeth
		Bente Anna Nina Ida Silje Hanne Camilla Julie Sofie Emma Nora Thea Ragnhild Åse Gro Turid Wenche Mona Heidi Trine Line
		Jan Per Bjørn Ole Lars Kjell Knut Svein Arne Thomas Geir Hans Morten Tor Terje Erik Martin Andreas John Anders Rune Trond
		Tore Daniel Jon Kristian Magnus Øyvind Håkon Sindre Eirik Jonas Henrik Espen Åsmund Sigurd Jørgen Vegard Leif Egil`)
	lastNames = strings.Fields(`Hansen Johansen Olsen Larsen Andersen Pedersen Nilsen Kristiansen Jensen Karlsen Johnsen Pettersen
		Eriksen Berg Haugen Hagen Johannessen Andreassen Jacobsen Dahl Jørgensen Halvorsen Henriksen Lund Sørensen Jakobsen Moen
		Gundersen Iversen Strand Solberg Svendsen Eide Knutsen Martinsen Paulsen Bakken Kristoffersen Mathisen Lie Amundsen Nguyen
		Rasmussen Solheim Lunde Moe Nygård Bakke Kristensen Fredriksen Holm Lien Hauge Andresen Nielsen Knudsen Evensen Sæther
		Aas Hanssen Myhre Haugland Thomassen Simonsen Sivertsen Berge Danielsen Ali Rønning Arnesen Sandvik Næss Antonsen Haug
		Vik Thorsen Edvardsen Birkeland Ahmed Aasen Ødegård Ruud Strøm Myklebust Tangen Fossum Brekke Engen Helland`)
	streets = strings.Fields(`Storgata Kirkegata Skolegata Strandgata Parkveien Bjørkeveien Furuveien Granveien Solbakken Nyveien
		Skogveien Fjordveien Industriveien Jernbanegata Havnegata Elvegata Åsveien Lyngveien Rognelia Tverrgata Utsikten Møllergata
		Blåbærveien Sjøgata Prestegårdsveien Fjellveien Sagaveien Lindealleen Kastanjeveien Vestre Hagevei`)
	places = []place{{"0150", "Oslo"}, {"0350", "Oslo"}, {"0661", "Oslo"}, {"5003", "Bergen"}, {"5055", "Bergen"}, {"7010", "Trondheim"},
		{"7030", "Trondheim"}, {"4006", "Stavanger"}, {"9008", "Tromsø"}, {"1606", "Fredrikstad"}, {"3015", "Drammen"},
		{"4611", "Kristiansand S"}, {"6002", "Ålesund"}, {"8006", "Bodø"}, {"2815", "Gjøvik"}, {"2317", "Hamar"}, {"3724", "Skien"},
		{"3210", "Sandefjord"}, {"5527", "Haugesund"}, {"7713", "Steinkjer"}, {"9510", "Alta"}, {"9405", "Harstad"}, {"4836", "Arendal"},
		{"1530", "Moss"}, {"3510", "Hønefoss"}, {"3616", "Kongsberg"}, {"2609", "Lillehammer"}, {"2212", "Kongsvinger"},
		{"6800", "Førde"}, {"5700", "Voss"}, {"6856", "Sogndal"}, {"8622", "Mo i Rana"}, {"1383", "Asker"}, {"2000", "Lillestrøm"}}
	mailDomains = []string{"example.com", "example.org", "example.net", "epost.example", "heime.example"}
	trades      = []string{"Elektro", "Bygg", "Eiendom", "Hotell", "Belysning", "Installasjon", "Interiør", "Arkitektur", "Energi", "Drift"}
	products    = []product{{"Taklampe Nordlys", 189900}, {"Vegglampe Skumring", 89900}, {"Pendel Fjellheim", 249900}, {"LED-spot 4-pk", 59900},
		{"Dimmer Stille", 74900}, {"Hagelys Lykt", 129900}, {"Lysstripe 5 m", 49900}, {"Gulvlampe Furu", 319900}, {"Bordlampe Knaus", 99900},
		{"Utelampe Vær", 139900}, {"Bevegelsessensor", 39900}, {"Smartpære E27", 24900}, {"Taklys Bad IP44", 109900}, {"Skapbelysning", 69900},
		{"Lysekrone Fest", 899900}, {"Montering, time", 99500}}
	userAgents = []string{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"}
	pages     = []string{"/", "/produkter/taklamper", "/produkter/utelys", "/produkter/smart", "/handlekurv", "/kasse", "/min-side", "/kontakt", "/tips/lys-paa-badet"}
	interests = []string{"utelys", "smarthus", "kjøkken", "bad", "hage", "dekor", "tilbud", "kontor"}
	subjects  = []string{"Spørsmål om levering", "Lampa blinker", "Ønsker tilbud på montering", "Retur", "Reservedeler", "Faktura"}
	bodies    = []string{"Hei! Når kan jeg vente levering av bestillingen min?", "Lampa jeg kjøpte blinker når jeg demper lyset. Hva kan jeg gjøre?",
		"Jeg ønsker et tilbud på montering av seks spotter i stua.", "Jeg vil gjerne returnere en vare som ikke passet.",
		"Finnes det ny skjerm til gulvlampa Furu?", "Jeg har ikke fått fakturaen på e-post."}
	noteTexts = []string{"Ringte om leveringstid, avtalt ny dato.", "Ønsker å bli kontaktet på ettermiddagen.", "Fornøyd med monteringen i stua.",
		"Har hund, ring på før levering.", "Vurderer utelys til våren.", "Klaget på forsinkelse, fikk 10 % avslag.", "Vil ha papirfaktura."}
)

type place struct{ code, city string }

type product struct {
	name string
	ore  int
}

// mailName writes a name as it stands in an e-mail address.
func mailName(s string) string {
	return strings.NewReplacer("æ", "ae", "ø", "o", "å", "a", " ", "").Replace(strings.ToLower(s))
}

package locale

import "strings"

// Country puts the code of a country (ISO 3166-1 alpha-2) in words. A code that is not in the list
// stays as it is.
func Country(code string, l Locale) string {
	if name, ok := countries[strings.ToUpper(code)]; ok {
		return name.In(l)
	}
	return code
}

// countries are those that storage and recipients of Norwegian organisations are usually in. The
// names of golang.org/x/text are Danish in part ("Storbritannien").
var countries = map[string]Text{
	"NO": {"Norge", "Noreg", "Norway"}, "SE": {"Sverige", "Sverige", "Sweden"},
	"DK": {"Danmark", "Danmark", "Denmark"}, "FI": {"Finland", "Finland", "Finland"},
	"IS": {"Island", "Island", "Iceland"}, "LI": {"Liechtenstein", "Liechtenstein", "Liechtenstein"},
	"AT": {"Østerrike", "Austerrike", "Austria"}, "BE": {"Belgia", "Belgia", "Belgium"},
	"BG": {"Bulgaria", "Bulgaria", "Bulgaria"}, "HR": {"Kroatia", "Kroatia", "Croatia"},
	"CY": {"Kypros", "Kypros", "Cyprus"}, "CZ": {"Tsjekkia", "Tsjekkia", "Czechia"},
	"EE": {"Estland", "Estland", "Estonia"}, "FR": {"Frankrike", "Frankrike", "France"},
	"DE": {"Tyskland", "Tyskland", "Germany"}, "GR": {"Hellas", "Hellas", "Greece"},
	"HU": {"Ungarn", "Ungarn", "Hungary"}, "IE": {"Irland", "Irland", "Ireland"},
	"IT": {"Italia", "Italia", "Italy"}, "LV": {"Latvia", "Latvia", "Latvia"},
	"LT": {"Litauen", "Litauen", "Lithuania"}, "LU": {"Luxembourg", "Luxembourg", "Luxembourg"},
	"MT": {"Malta", "Malta", "Malta"}, "NL": {"Nederland", "Nederland", "the Netherlands"},
	"PL": {"Polen", "Polen", "Poland"}, "PT": {"Portugal", "Portugal", "Portugal"},
	"RO": {"Romania", "Romania", "Romania"}, "SK": {"Slovakia", "Slovakia", "Slovakia"},
	"SI": {"Slovenia", "Slovenia", "Slovenia"}, "ES": {"Spania", "Spania", "Spain"},
	"CH": {"Sveits", "Sveits", "Switzerland"}, "GB": {"Storbritannia", "Storbritannia", "the United Kingdom"},
	"US": {"USA", "USA", "the United States"}, "CA": {"Canada", "Canada", "Canada"},
	"IN": {"India", "India", "India"}, "JP": {"Japan", "Japan", "Japan"},
	"CN": {"Kina", "Kina", "China"}, "IL": {"Israel", "Israel", "Israel"},
	"AU": {"Australia", "Australia", "Australia"}, "NZ": {"New Zealand", "New Zealand", "New Zealand"},
	"KR": {"Sør-Korea", "Sør-Korea", "South Korea"}, "SG": {"Singapore", "Singapore", "Singapore"},
	"UA": {"Ukraina", "Ukraina", "Ukraine"}, "RS": {"Serbia", "Serbia", "Serbia"},
	"PH": {"Filippinene", "Filippinane", "the Philippines"}, "TR": {"Tyrkia", "Tyrkia", "Türkiye"},
	"FO": {"Færøyene", "Færøyane", "the Faroe Islands"}, "GL": {"Grønland", "Grønland", "Greenland"},
}

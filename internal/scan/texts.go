package scan

import (
	"fmt"
	"strings"

	"mininfo/internal/dataset"
	"mininfo/internal/locale"
)

// Note is one reason, or one thing to know, in words that an engineer and an officer both read.
// It tells counts and names of tables and columns, and never a value.
type Note struct {
	Code string
	Text locale.Text
}

func note(code, nb, nn, en string, args ...any) Note {
	if len(args) > 0 {
		nb, nn, en = fmt.Sprintf(nb, args...), fmt.Sprintf(nn, args...), fmt.Sprintf(en, args...)
	}
	return Note{Code: code, Text: locale.Text{NB: nb, NN: nn, EN: en}}
}

// said is what values look like, in words.
type said locale.Text

var (
	saidEmail    = said{NB: "e-postadresser", NN: "e-postadresser", EN: "e-mail addresses"}
	saidPhone    = said{NB: "telefonnumre", NN: "telefonnummer", EN: "telephone numbers"}
	saidNational = said{NB: "fødselsnumre (dato og kontrollsifre stemmer)", NN: "fødselsnummer (dato og kontrollsiffer stemmer)", EN: "national identity numbers (date and check digits are right)"}
	saidOrg      = said{NB: "organisasjonsnumre (kontrollsifferet stemmer)", NN: "organisasjonsnummer (kontrollsifferet stemmer)", EN: "organisation numbers (the check digit is right)"}
	saidAccount  = said{NB: "kontonumre (kontrollsifferet stemmer)", NN: "kontonummer (kontrollsifferet stemmer)", EN: "bank account numbers (the check digit is right)"}
	saidIBAN     = said{NB: "IBAN (kontrollsifrene stemmer)", NN: "IBAN (kontrollsiffera stemmer)", EN: "IBANs (the check digits are right)"}
	saidCard     = said{NB: "kortnumre (kontrollsifferet stemmer)", NN: "kortnummer (kontrollsifferet stemmer)", EN: "card numbers (the check digit is right)"}
	saidIP       = said{NB: "IP-adresser", NN: "IP-adresser", EN: "IP addresses"}
	saidAgent    = said{NB: "nettlesere", NN: "nettlesarar", EN: "browsers"}
	saidNames    = said{NB: "navn på mennesker", NN: "namn på menneske", EN: "people's names"}
	saidDate     = said{NB: "datoer", NN: "datoar", EN: "dates"}
	saidHealth   = said{NB: "opplysninger om helse", NN: "opplysningar om helse", EN: "words about health"}
	saidUnion    = said{NB: "fagforeninger", NN: "fagforeiningar", EN: "trade unions"}
	saidReligion = said{NB: "tro eller livssyn", NN: "tru eller livssyn", EN: "religion or belief"}
	saidMention  = said{NB: "tekst som nevner e-postadresser eller telefonnumre", NN: "tekst som nemner e-postadresser eller telefonnummer", EN: "texts that mention e-mail addresses or telephone numbers"}
	saidBirth    = said{NB: "fødselsdatoer", NN: "fødselsdatoar", EN: "dates of birth"}
	saidPostal   = said{NB: "postnumre", NN: "postnummer", EN: "postal codes"}
	saidPoint    = said{NB: "koordinater", NN: "koordinatar", EN: "coordinates"}
	saidWords    = said{NB: "navn eller ord", NN: "namn eller ord", EN: "names or words"}
	saidText     = said{NB: "hele setninger", NN: "heile setningar", EN: "whole sentences"}
)

func saidShape(r *rule) said {
	switch {
	case r.shape&looksEmail != 0:
		return saidEmail
	case r.shape&looksPhone != 0:
		return saidPhone
	case r.shape&looksNationalID != 0:
		return saidNational
	case r.shape&looksOrg != 0:
		return saidOrg
	case r.shape&looksAccount != 0:
		return saidAccount
	case r.shape&looksIP != 0:
		return saidIP
	case r.shape&looksDate != 0:
		return saidDate
	case r.shape&looksName != 0:
		return saidNames
	case r.shape&looksProse != 0:
		return saidText
	}
	return saidWords
}

func noteName(list []string, category string) Note {
	label, _ := dataset.CategoryName(category)
	n := Note{Code: "name"}
	n.Text = locale.Text{NB: "navnet betyr " + small(label.NB), NN: "namnet tyder " + small(label.NN), EN: "the name means " + small(label.EN)}
	return n
}

func noteComment(category string) Note {
	label, _ := dataset.CategoryName(category)
	return Note{Code: "comment", Text: locale.Text{NB: "databasens kommentar sier " + small(label.NB), NN: "kommentaren i databasen seier " + small(label.NN), EN: "the database's comment says " + small(label.EN)}}
}

// small begins a label with a small letter, unless it is an abbreviation.
func small(s string) string {
	r := []rune(s)
	if len(r) > 1 && strings.ToUpper(string(r[1])) != string(r[1]) || len(r) > 1 && r[1] == '-' && r[0] == 'E' {
		return strings.ToLower(string(r[0])) + string(r[1:])
	}
	return s
}

func noteValues(fits, of int, s said) Note {
	return Note{Code: "values", Text: locale.Text{
		NB: fmt.Sprintf("%d av %d verdier ser ut som %s", fits, of, s.NB),
		NN: fmt.Sprintf("%d av %d verdiar ser ut som %s", fits, of, s.NN),
		EN: fmt.Sprintf("%d of %d values look like %s", fits, of, s.EN)}}
}

func noteAgainst(of int) Note {
	return note("against", "men ingen av %d verdier ser slik ut", "men ingen av %d verdiar ser slik ut", "but none of %d values looks like it", of)
}

func noteUnique(of int) Note {
	return note("unique", "alle %d verdiene er ulike", "alle %d verdiane er ulike", "all %d values differ", of)
}

var noteForeignKey = note("foreign_key", "fremmednøkkel i databasen", "framandnøkkel i databasen", "foreign key of the database")

func noteSameName(table, field string) Note {
	return note("same_name", "navnet peker på %s.%s; ingen verdier å prøve med", "namnet peikar på %s.%s; ingen verdiar å prøve med",
		"the name points at %s.%s; there are no values to try", table, field)
}

func noteFound(found, of int, table, field string) Note {
	return note("same_values", "ingen fremmednøkkel, men %d av %d verdier finnes i %s.%s", "ingen framandnøkkel, men %d av %d verdiar finst i %s.%s",
		"no foreign key, but %d of %d values are in %s.%s", found, of, table, field)
}

var (
	noteHandler = note("handler", "peker på den som behandlet raden, ikke på den som den handler om: å følge den ville ta med kollegaer",
		"peikar på den som handsama rada, ikkje på den ho handlar om: å følgje han ville ta med kollegaer",
		"points at whoever handled the row, not at whom it is about: to follow it would bring in colleagues")
	noteSelf = note("self", "peker på en annen rad i samme tabell: å følge den ville ta med andre mennesker",
		"peikar på ei anna rad i same tabell: å følgje han ville ta med andre menneske",
		"points at another row of the same table: to follow it would bring in other people")
	noteUnknown = note("unknown", "ikke gjenkjent; i en liste over mennesker regnes det som opplysninger om dem",
		"ikkje kjend att; i ei liste over menneske blir det rekna som opplysningar om dei", "not recognised; in a list of people it counts as data about them")
	noteGeneral = note("general", "raden gjelder et menneske, så dette hører med i svaret til dem. Sier det noe om dem?",
		"rada gjeld eit menneske, så dette høyrer med i svaret til dei. Seier det noko om dei?",
		"the row is a person's, so this belongs in the answer to them. Does it tell of them?")
	noteKeyGuess = note("key_guess", "tabellen har ingen primærnøkkel; denne kolonnen skiller radene i utvalget",
		"tabellen har ingen primærnøkkel; denne kolonnen skil radene i utvalet", "the table has no primary key; this column tells the rows of the sample apart")
	noteNoKey = note("no_key", "tabellen har ingen primærnøkkel: rader kan bare endres når alle verdiene er ulike",
		"tabellen har ingen primærnøkkel: rader kan berre endrast når alle verdiane er ulike",
		"the table has no primary key: rows can be changed only where all their values differ")
	noteUnread = note("unread", "radene kunne ikke leses; alt her bygger på navnene alene", "radene kunne ikkje lesast; alt her byggjer på namna åleine",
		"the rows could not be read; everything here rests on the names alone")
	noteEmpty       = note("empty", "tabellen er tom; alt her bygger på navnene alene", "tabellen er tom; alt her byggjer på namna åleine", "the table is empty; everything here rests on the names alone")
	noteUnreachable = note("unreachable", "ingen vei fører hit fra en e-postadresse, et telefonnummer eller et kundenummer: hva viser hvem raden handler om?",
		"ingen veg fører hit frå ei e-postadresse, eit telefonnummer eller eit kundenummer: kva viser kven rada handlar om?",
		"no way leads here from an e-mail address, telephone number or customer number: what shows whom a row is about?")
	noteThing   = note("thing", "tabellen handler ikke om mennesker", "tabellen handlar ikkje om menneske", "the table is not about people")
	noteNothing = note("nothing", "ingen personopplysninger er sett", "ingen personopplysningar er sett", "no personal data were seen")
	noteView    = note("view", "en visning av andre tabeller", "ei vising av andre tabellar", "a view of other tables")
	noteChosen  = note("chosen", "utelatt av den som koblet til systemet", "utelaten av den som kopla til systemet", "left out by whoever connected the system")
	noteDecided = note("decided", "bestemt av den som koblet til systemet", "bestemt av den som kopla til systemet", "decided by whoever connected the system")
	noteThird   = note("third_party", "handler om en annen enn raden", "handlar om ein annan enn rada", "is about somebody other than the row")
	noteMany    = note("composite", "fremmednøkkelen har flere kolonner, og de følges sammen", "framandnøkkelen har fleire kolonnar, og dei blir følgde saman",
		"the foreign key has several columns, and they are followed together")
)

func noteSeen(names []string) Note {
	list := strings.Join(names, ", ")
	return note("seen", "handler ikke om mennesker etter navnet, men ser ut til å ha personopplysninger i %s", "handlar ikkje om menneske etter namnet, men ser ut til å ha personopplysningar i %s",
		"is not about people by its name, but seems to hold personal data in %s", list)
}

func noteGroup(column string) Note {
	return note("group", "en gruppe av mennesker; hører rollen i %s med i svaret til den det gjelder?", "ei gruppe av menneske; høyrer rolla i %s med i svaret til den det gjeld?",
		"a group of people; does the role in %s belong in the answer to whoever has it?", column)
}

// RoleNote says in words why a table is in.
func RoleNote(r Role) locale.Text {
	switch r {
	case RolePeople:
		return locale.Text{NB: "hver rad er et menneske", NN: "kvar rad er eit menneske", EN: "each row is a person"}
	case RoleOwned:
		return locale.Text{NB: "radene hører til et menneske", NN: "radene høyrer til eit menneske", EN: "the rows belong to a person"}
	case RoleShared:
		return locale.Text{NB: "radene kan gjelde flere", NN: "radene kan gjelde fleire", EN: "the rows may belong to several"}
	case RolePath:
		return locale.Text{NB: "bare nøkler: veien til andre rader går her", NN: "berre nøklar: vegen til andre rader går her", EN: "keys alone: the way to other rows leads through it"}
	}
	return locale.Text{NB: "har personopplysninger", NN: "har personopplysningar", EN: "holds personal data"}
}

package scan

import "strings"

// noun says what a table is about by its name.
type noun uint8

const (
	anything noun = iota
	person        // the rows are people
	staff         // the rows are people who handle what belongs to others
	kin           // the rows are people close to those that the system is about
	organisation
	address
	dealing // orders, invoices, bookings: something that somebody did
	message
	trace // logs, sessions, visits
	thing // products, codes, settings, tables of programs: nobody
)

var nouns = func() map[string]noun {
	out := map[string]noun{}
	for n, list := range map[noun]string{
		person: `kunde customer client klient user bruker brukar person medlem member subscriber abonnent patient pasient student elev pupil guest gjest
			contact kontakt kontaktperson applicant soker sokjar candidate kandidat lead prospect donor giver participant deltaker deltakar deltager passenger
			passasjer visitor besokende resident beboer bebuar leietaker renter attendee voter velger citizen innbygger innbyggjar account konto profile profil
			individual author forfatter owner eier eigar buyer kjoper kjopar shopper beneficiary insured cardholder player spiller spelar athlete utover utovar
			volunteer frivillig borrower laner lanar part registrant respondent child barn parent forelder foresatt foresett guardian actor skuespiller
			useraccount brukerkonto cust usr pers mbr personalia klientregister entrant claimant tenantuser signer investor aksjonaer shareholder runner loper`,
		staff: `emp empl employee ansatt tilsett medarbeider medarbeidar staff worker doctor lege physician nurse sykepleier sjukepleiar teacher laerer laerar instructor
			instruktor agent saksbehandler saksbehandlar manager leder leiar consultant konsulent driver sjafor therapist terapeut behandler behandlar coach trainer trener
			technician tekniker operator admin administrator moderator seller selger seljar salesperson salesrep representative recruiter crew advisor radgiver
			adviser vikar freelancer contractor tannlege dentist frisor personell personnel clinician vet veterinaer`,
		kin: `nextofkin parorende parorande emergencycontact naudkontakt nodkontakt dependent dependant relative slektning ektefelle spouse`,
		organisation: `supplier leverandor vendor company firma bedrift selskap organisation organization organisasjon shipper business virksomhet verksemd
			manufacturer produsent publisher dealer forhandler carrier transportor school skole club klubb forening employer arbeidsgiver`,
		address: `address addr adr adresse household husstand husholdning husstander bolig bustad`,
		dealing: `order ordre bestilling invoice faktura payment betaling innbetaling purchase kjop sale salg sal rental leie utleie utlan loan lan booking reservation
			reservasjon transaction transaksjon subscription abonnement donation donasjon gave refund retur claim receipt kvittering bilag cart handlekurv kurv basket
			checkout appointment timebestilling timeavtale visit besok charge deposit withdrawal transfer billett enrollment enrolment pamelding registration
			registrering application soknad shipment forsendelse delivery levering payroll lonnslipp payslip contract kontrakt polise prescription resept
			orderline ordrelinje orderitem ordredetalj orderdetail fakturalinje invoiceline invoiceitem lineitem bestillingslinje salgsordre salesorder medlemskap membership`,
		message: `message melding beskjed mail email epost comment kommentar review anmeldelse anmelding vurdering feedback tilbakemelding ticket case sak henvendelse
			henvending inquiry enquiry complaint klage post innlegg note notat chat conversation samtale contactform kontaktskjema sms letter brev question sporsmal answer svar
			response reply newsletter nyhetsbrev nyheitsbrev document dokument journal`,
		trace: `log logg accesslog weblog nettlogg session sesjon okt login innlogging pageview pagevisit event hendelse hending activity aktivitet audit cookie tracking
			click search sok device enhet consent samtykke token optin`,
		thing: `product produkt item vare artikkel category kategori genre sjanger type status language sprak currency valuta country land region county fylke kommune
			store butikk shop department avdeling office kontor warehouse lager album track film movie book bok media mediatype playlist tag course kurs subject fag
			price pris discount rabatt tax mva unit brand merke model modell inventory stock color farge size coupon campaign kampanje page side template mal menu
			translation oversettelse file fil image bilde title skill zipcode postnummer poststed calendar kalender holiday migration migrasjon version versjon
			setting innstilling config configuration konfigurasjon permission rettighet role rolle job queue ko cache lock feature flag webhook parameter code kode
			sequence metadata changelog changelock history group gruppe territory city station level service tjeneste teneste plan room rom artist band exam oppgave
			material formula rate sats schedule territories property location option attribute variant link place sted factor faktor branch filial clinic klinikk restaurant hotell hotel venue lokale gym stadium terminal station stasjon depot`,
	} {
		for w := range strings.FieldsSeq(list) {
			out[w] = n
		}
	}
	return out
}()

// wrappings stand around the noun of a table's name: tbl_kunder, kunderegister, customer_data.
var wrappings = set(`tbl tab table tabell t dim fact fct stg stage raw vw mv view app dbo public core sys register registeret liste list data info
	information details detail opplysninger master base archive arkiv old new backup bak copy kopi temp tmp hist v`)

// programs' own tables, by the beginning of their names.
var programs = []string{"schema_migration", "schemaversion", "schema_version", "flyway_", "alembic_", "databasechangelog", "goose_db", "ar_internal", "django_migrations",
	"django_content_type", "django_site", "knex_", "_prisma", "migrations", "__ef", "sqlite_", "pg_", "qrtz_", "spatial_ref_sys", "auth_permission", "auth_group", "typeorm_",
	"doctrine_", "hibernate_", "oban_", "river_", "mysql.", "sys_config", "geography_columns", "geometry_columns", "failed_jobs", "job_batches", "cache_locks"}

// unwrapped gives the words of a table's name without what is put before every table's.
func unwrapped(table string) []string {
	list := words(table)
	for len(list) > 1 && (wrappings[list[0]] || len(list[0]) <= 1) {
		list = list[1:]
	}
	return list
}

func longHead(_, head string) bool { return len(head) >= 5 }

// about gives the noun of a table's name, with the words before it.
func about(table string) (noun, []string) {
	lower := strings.ToLower(table)
	for _, p := range programs {
		if strings.HasPrefix(lower, p) {
			return thing, nil
		}
	}
	list := unwrapped(table)
	for len(list) > 1 && (wrappings[list[len(list)-1]] || digits(list[len(list)-1])) {
		list = list[:len(list)-1]
	}
	if len(list) == 0 {
		return anything, nil
	}
	last := list[len(list)-1]
	for _, w := range []string{"registeret", "register", "liste", "oversikt", "tabell", "data", "arkiv"} {
		if stem, is := strings.CutSuffix(last, w); is && len(stem) > 2 {
			last = stem
			if n := len(last); last[n-1] == 's' {
				last = last[:n-1]
			}
			break
		}
	}
	for _, form := range singulars(last) {
		all := append(append([]string{}, list[:len(list)-1]...), form)
		if n, before, ok := lookup(all, nouns, longHead); ok {
			if (form == "profile" || form == "profil" || form == "account" || form == "konto") && nounOf(lastOf(before)) == trace {
				n = trace // of a cookie or a device: nobody's own
			}
			return n, before
		}
	}
	return anything, nil
}

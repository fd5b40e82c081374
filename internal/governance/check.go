package governance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/scan"
	"mininfo/internal/source"
	"mininfo/internal/source/log"
	"mininfo/internal/source/webhook"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// The levels of a line of a check.
const (
	LevelOK    = "ok"
	LevelWarn  = "warn"
	LevelError = "error"
)

// CheckLine is one thing that a check saw.
type CheckLine struct {
	Level string
	Text  string
}

// Checked is what a look at a source found. OK: it can be searched as it is described.
type Checked struct {
	OK    bool
	Lines []CheckLine
}

// codeTexts say what kept a source from being read.
var codeTexts = map[source.Code]locale.Text{
	source.Unreachable: text("Kilden svarer ikke. Se etter at den er i gang, og at adressen og passordet stemmer.",
		"Kjelda svarar ikkje. Sjå etter at ho er i gang, og at adressa og passordet stemmer.",
		"The source does not answer. Check that it is running, and that the address and password are right."),
	source.Denied: text("Brukernavnet eller passordet er feil, eller kontoen har ikke lov til å lese.", "Brukarnamnet eller passordet er feil, eller kontoen har ikkje lov til å lese.",
		"The user name or the password is wrong, or the account is not allowed to read."),
	source.TimedOut: text("Kilden brukte for lang tid på å svare.", "Kjelda brukte for lang tid på å svare.",
		"The source took too long to answer."),
	source.Missing: text("En tabell eller kolonne som beskrivelsen nevner, finnes ikke.",
		"Ein tabell eller kolonne som skildringa nemner, finst ikkje.",
		"A table or column that the description names is not there."),
	source.BadConfig: text("Tilkoblingen, filen eller beskrivelsen kan ikke leses.",
		"Tilkoplinga, fila eller skildringa kan ikkje lesast.", "The connection, file or description cannot be read."),
	source.Overdue: text("Systemet sa at det ville svare senere, og gjorde det ikke i tide.", "Systemet sa at det ville svare seinare, og gjorde det ikkje i tide.",
		"The system said that it would answer later, and did not in time."),
	source.Locked: text("Noen andre holder kilden låst.", "Nokon andre held kjelda låst.", "Somebody else holds the source locked."),
}

var wrongAccount = text("Serveren svarer, men slipper ikke denne kontoen inn. Se etter at navnet og passordet stemmer.",
	"Serveren svarar, men slepp ikkje denne kontoen inn. Sjå etter at namnet og passordet stemmer.",
	"The server answers, but does not let this account in. Check that the name and password are right.")

// stateTexts say what is wrong where the code of a failure says too little.
var stateTexts = map[string]locale.Text{
	"3D000": text("Serveren svarer, men har ingen database med det navnet.", "Serveren svarar, men har ingen database med det namnet.",
		"The server answers, but has no database of that name."),
	"28000": wrongAccount,
	"sqlite 14": text("Filen finnes ikke der tilkoblingen peker, eller portalen får ikke åpne den.", "Fila finst ikkje der tilkoplinga peikar, eller portalen får ikkje opne ho.",
		"There is no file where the connection points, or the portal may not open it."),
	"sqlite 26": text("Filen er ingen SQLite-database.", "Fila er ingen SQLite-database.", "The file is no SQLite database."),
	"28P01":     wrongAccount,
	log.StateNoFiles: text("Ingen loggfiler ligger der tilkoblingen peker.", "Ingen loggfiler ligg der tilkoplinga peikar.",
		"There are no log files where the connection points."),
	log.StateTooMany: text("Det ligger for mange filer der tilkoblingen peker. Skriv et mønster som treffer færre.",
		"Det ligg for mange filer der tilkoplinga peikar. Skriv eit mønster som treffer færre.",
		"There are too many files where the connection points. Write a pattern that matches fewer."),
	log.StateFormat: text("De fleste linjene i en av filene er ikke i et loggformat vi kjenner. Skriv et mønster som bare treffer nettlogger.",
		"Dei fleste linjene i ei av filene er ikkje i eit loggformat vi kjenner. Skriv eit mønster som berre treffer nettloggar.",
		"Most lines of one of the files have no log format that we know. Write a pattern that matches web logs only."),
	webhook.StateAnswer: text("Systemet svarer noe annet enn protokollen sier.", "Systemet svarar noko anna enn protokollen seier.",
		"The system answers something else than the protocol says."),
	webhook.StateCallback: text("Systemet vil svare senere, og her er det ingen som venter. La det svare med en gang, eller der portalen kan hente svaret (Location).",
		"Systemet vil svare seinare, og her er det ingen som ventar. La det svare med ein gong, eller der portalen kan hente svaret (Location).",
		"The system wants to answer later, and nobody waits here. Let it answer at once, or where the portal can fetch the answer (Location)."),
	webhook.StateLarge: text("Systemet svarer med mer enn 16 MB om gangen. Del svaret i flere sider.",
		"Systemet svarar med meir enn 16 MB om gongen. Del svaret i fleire sider.",
		"The system answers with more than 16 MB at a time. Split the answer into pages."),
	log.StateArchive: text("En pakket loggfil (.gz) er skadet eller ikke hel.", "Ei pakka loggfil (.gz) er skadd eller ikkje heil.",
		"A packed log file (.gz) is damaged or incomplete."),
}

var failedText = text("Kilden kunne ikke leses.", "Kjelda kunne ikkje lesast.", "The source could not be read.")

// failureText says what kept a source from being read, as closely as is known.
func failureText(err *source.Error) locale.Text {
	if t, ok := stateTexts[err.State]; ok {
		return t
	}
	return codeText(err.Code)
}

func codeText(code source.Code) locale.Text {
	if t, ok := codeTexts[code]; ok {
		return t
	}
	return failedText
}

var laterText = text("Systemet svarer senere. Om radene kan leses, viser seg først når det søkes for en sak.",
	"Systemet svarar seinare. Om radene kan lesast, viser seg først når det blir søkt for ei sak.",
	"The system answers later. Whether the rows can be read is seen when it is searched for a case.")

var (
	offText     = text("Slått av: det letes ikke her.", "Slått av: det blir ikkje leita her.", "Switched off: it is not searched.")
	waitingText = text("Ikke i bruk: en kollega må slå den på.", "Ikkje i bruk: ein kollega må slå ho på.",
		"Not in use: a colleague must switch it on.")
	manualText = text("En kollega ser etter her.", "Ein kollega ser etter her.", "A colleague looks here.")
	driftText  = text("Kilden kan leses, men har nye personopplysninger som ikke er beskrevet. Se kontrollen.",
		"Kjelda kan lesast, men har nye personopplysningar som ikkje er skildra. Sjå kontrollen.",
		"The source can be read, but holds new personal data that are not described. See the check.")
	restoredText = text("Noe som ble slettet i kilden, er der igjen. Er en gammel sikkerhetskopi lagt tilbake? Se kontrollen.",
		"Noko som vart sletta i kjelda, er der igjen. Er ein gammal tryggingskopi lagd tilbake? Sjå kontrollen.",
		"Something that was erased in the source is there again. Was an old backup restored? See the check.")
	overheardText = text("Forbindelsen kan avlyttes: den er ikke kryptert, eller serverens sertifikat blir ikke kontrollert. Legg til sslmode=verify-full (PostgreSQL) eller tls=true (MySQL, MariaDB) i tilkoblingen.",
		"Sambandet kan avlyttast: det er ikkje kryptert, eller sertifikatet til tenaren blir ikkje kontrollert. Legg til sslmode=verify-full (PostgreSQL) eller tls=true (MySQL, MariaDB) i tilkoplinga.",
		"The connection can be overheard: it is not encrypted, or the server's certificate is not checked. Add sslmode=verify-full (PostgreSQL) or tls=true (MySQL, MariaDB) to the connection.")
	okText      = text("Kilden kan leses.", "Kjelda kan lesast.", "The source can be read.")
	unknownText = text("Ikke prøvd ennå.", "Ikkje prøvd enno.", "Not tried yet.")
)

func stateText(s store.Source) locale.Text {
	switch {
	case !s.Enabled && s.Version == 1 && database(s.Kind):
		return waitingText
	case !s.Enabled:
		return offText
	case s.Kind == store.SourceManual:
		return manualText
	case s.State == store.SourceOK && s.StateCode == Restored:
		return restoredText
	case s.State == store.SourceOK && s.StateCode == Drift:
		return driftText
	case s.State == store.SourceOK:
		return okText
	case s.State == store.SourceFailing:
		return codeText(source.Code(s.StateCode))
	}
	return unknownText
}

// CheckSource tries a source and holds its annotation against the live schema.
func (o *Office) CheckSource(ctx context.Context, by By, id string) (Checked, error) {
	if err := by.may(staff.ReadSources, staff.Facts{}); err != nil {
		return Checked{}, err
	}
	l := look{locale: by.Locale, patience: restoredPatience}
	if by.system {
		l.patience = restoredBudget
	}
	var r reach
	var together error
	err := o.Store.InTx(ctx, func(tx *store.Tx) error {
		s, err := tx.Source(id)
		if err != nil {
			return err
		}
		r = reach{Source: s}
		if s.Kind == store.SourceManual {
			return nil
		}
		all, c, err := sources(tx)
		if err != nil {
			return err
		}
		v, err := tx.Newest(c.ID, store.VersionRegister)
		if err != nil {
			return err
		}
		if l.register, err = read(v); err != nil {
			return err
		}
		together = holdsTogether(all)
		r, err = reachOf(tx, s)
		return err
	})
	if err != nil {
		return Checked{}, err
	}
	if r.Kind == store.SourceManual {
		l.say(LevelOK, manualText)
		return l.checked(), nil
	}
	code := o.look(ctx, &l, r, together)
	if ctx.Err() != nil {
		return Checked{}, context.Cause(ctx)
	}
	return l.checked(), o.noteState(ctx, r.Source, l.checked().OK, code)
}

// JobSources looks at every source that is in use: systems change, and new personal data in them
// must not be found out by a person's complaint.
const JobSources = "check_sources"

func (o *Office) checkSources(ctx context.Context, _ job.Job) error {
	list, err := o.Sources(ctx, System())
	if err != nil {
		return err
	}
	for _, s := range list {
		if !s.Enabled || !database(s.Kind) {
			continue
		}
		if _, err := o.CheckSource(ctx, System(), s.PublicID); err != nil {
			return err
		}
	}
	return nil
}

func (o *Office) noteState(ctx context.Context, s store.Source, ok bool, code source.Code) error {
	state := store.SourceOK
	if !ok {
		state = store.SourceFailing
	}
	return o.Store.InTx(ctx, func(tx *store.Tx) error { return tx.NoteSourceState(s, state, string(code)) })
}

// look is one look at a source.
type look struct {
	locale   locale.Locale
	register *register.Register
	patience time.Duration // with a look for what was erased
	lines    []CheckLine
	failed   bool
}

// maxLines is how many lines an answer may have.
const maxLines = 1000

func (l *look) say(level string, t locale.Text, args ...any) {
	l.failed = l.failed || level == LevelError
	if len(l.lines) >= maxLines {
		return
	}
	said := t.In(l.locale)
	if len(args) > 0 {
		said = fmt.Sprintf(said, args...)
	}
	if runes := []rune(said); len(runes) > 1000 {
		said = string(runes[:999]) + "…"
	}
	l.lines = append(l.lines, CheckLine{Level: level, Text: said})
}

func (l *look) checked() Checked { return Checked{OK: !l.failed, Lines: l.lines} }

// look opens the source and compares. It gives the code that the state is remembered by.
func (o *Office) look(ctx context.Context, l *look, r reach, together error) source.Code {
	var problems *YAMLProblems
	if errors.As(together, &problems) {
		for _, p := range problems.Lines {
			l.say(LevelError, text("%s, linje %d: %s", "%s, linje %d: %s", "%s, line %d: %s"), p.File, p.Line, p.Text.In(l.locale))
		}
	}
	sets, broken := dataset.Read(fileOf(r.Source), []byte(r.Dataset))
	if len(broken) > 0 || len(sets) == 0 {
		if problems == nil {
			l.say(LevelError, ErrDataset.Text)
		}
		return source.BadConfig
	}
	opened, own := o.open(ctx, r)
	if own != nil {
		l.say(LevelError, failureText(own))
		return own.Code
	}
	defer func() { _ = opened.Close() }()
	if remote, ok := opened.(source.Remote); ok && remote.Overheard() {
		l.say(LevelWarn, overheardText)
	}
	for _, d := range sets {
		d.Activity = cmp.Or(d.Activity, r.Activity) // as where it is searched
	}
	code := l.compare(ctx, opened, sets)
	if !l.failed && o.restored(ctx, l, r.Source, opened, sets) {
		return Restored
	}
	return code
}

// Look holds annotations against a live system without the portal's database. reg says which
// activities exist; nil leaves that out.
func Look(ctx context.Context, opened source.Source, sets []*dataset.Dataset, reg *register.Register, l locale.Locale) Checked {
	one := &look{locale: l, register: reg}
	one.compare(ctx, opened, sets)
	return one.checked()
}

// compare holds the annotation against the live schema. It gives the code of what is wrong.
func (l *look) compare(ctx context.Context, opened source.Source, sets []*dataset.Dataset) source.Code {
	schema, err := opened.Inspect(ctx)
	if err != nil {
		return l.unread(err)
	}
	l.say(LevelOK, text("Koblet til: %s. Tabeller: %d.", "Kopla til: %s. Tabellar: %d.", "Connected: %s. Tables: %d."),
		schema.System, len(schema.Tables))
	code := source.Code("")
	for _, d := range sets {
		l.activities(d)
		l.bases(d)
		l.conditions(d)
		for _, c := range d.Collections {
			if got := l.collection(schema, d, c); got != "" {
				code = got
			}
		}
	}
	if !l.failed {
		code = l.read(ctx, opened, schema, sets)
	}
	if !l.failed && l.drift(ctx, opened, schema, sets) {
		code = Drift
	}
	if l.failed && code == "" {
		code = source.BadConfig
	}
	return code
}

// unread says that the source could not be read, by its code alone.
func (l *look) unread(err error) source.Code {
	var own *source.Error
	if !errors.As(err, &own) {
		own = &source.Error{Code: source.FailedSystem}
	}
	if own.Code == source.BadConfig && strings.HasPrefix(own.State, "file_") {
		l.say(LevelError, text("Filen kan ikke leses lenger. Last den opp på nytt.", "Fila kan ikkje lesast lenger. Last ho opp på nytt.",
			"The file cannot be read any more. Upload it again."))
	} else {
		l.say(LevelError, failureText(own))
	}
	return own.Code
}

// activities tells of processing activities that the register does not have: their findings
// cannot be decided.
func (l *look) activities(d *dataset.Dataset) {
	if l.register == nil {
		return
	}
	told := map[string]bool{"": true}
	tell := func(id string) {
		if !told[id] && l.register.Activity(id) == nil {
			l.say(LevelWarn, text("Protokollen har ingen aktivitet «%s». Funn under den kan ikke avgjøres før den er der.",
				"Protokollen har ingen aktivitet «%s». Funn under han kan ikkje avgjerast før han er der.",
				"The record has no activity %q. Findings under it cannot be decided before it is there."), id)
		}
		told[id] = true
	}
	for _, id := range d.Activities() {
		tell(id)
	}
}

// bases tells of personal data that are held for an activity without a basis in Article 6: the first field of each
// table that is.
func (l *look) bases(d *dataset.Dataset) {
	if l.register == nil {
		return
	}
	for _, c := range d.Collections {
		told := map[string]bool{}
		for _, leaf := range c.Leaves() {
			a := l.register.Activity(d.ActivityOf(c, leaf.Field))
			if c.Skip || a == nil || a.HasBasis() || told[a.ID] || len(d.CategoriesOf(c, leaf.Field)) == 0 {
				continue
			}
			told[a.ID] = true
			l.say(LevelWarn, baselessText, fmt.Sprintf("%s:%d: %s.%s", filepath.Base(d.File), leaf.Field.Line, c.Name, leaf.Path), a.Name.In(l.locale))
		}
	}
}

// conditions holds the special categories of data (Art. 9(1)) and the data on offences (Art. 10) that fields carry,
// by mark or by category, against the activity that holds them: it needs a condition for them, and it names them.
func (l *look) conditions(d *dataset.Dataset) {
	if l.register == nil {
		return
	}
	for _, c := range d.Collections {
		for _, leaf := range c.Leaves() {
			a := l.register.Activity(d.ActivityOf(c, leaf.Field))
			if c.Skip || a == nil {
				continue
			}
			place := fmt.Sprintf("%s:%d: %s.%s", filepath.Base(d.File), leaf.Field.Line, c.Name, leaf.Path)
			carried := d.CategoriesOf(c, leaf.Field)
			switch meant, known := dataset.MarkedCategory(leaf.Field.Special); {
			case known && !slices.Contains(carried, meant):
				carried = append(slices.Clone(carried), meant)
			case !known && leaf.Field.Special != "" && !a.HasCondition():
				l.say(LevelWarn, unfoundedText, place, leaf.Field.Special, a.Name.In(l.locale))
			}
			for _, key := range a.Unfounded(carried) {
				l.say(LevelWarn, unfoundedText, place, categoryName(key, l.locale), a.Name.In(l.locale))
			}
			for _, key := range a.Unnamed(carried) {
				l.say(LevelWarn, unnamedText, place, categoryName(key, l.locale), a.Name.In(l.locale), key)
			}
		}
	}
}

var (
	baselessText = text("%s: feltet hører til aktiviteten «%s», som ikke har behandlingsgrunnlag i artikkel 6. Uten det er behandlingen ikke lovlig, og krav om sletting kan ikke avgjøres. Skriv det grunnlaget som gjaldt fra starten, i protokollen, eller rett aktiviteten i beskrivelsen.",
		"%s: feltet høyrer til aktiviteten «%s», som ikkje har behandlingsgrunnlag i artikkel 6. Utan det er behandlinga ikkje lovleg, og krav om sletting kan ikkje avgjerast. Skriv det grunnlaget som galdt frå starten, i protokollen, eller rett aktiviteten i skildringa.",
		"%s: the field belongs to the activity %q, which has no basis in Article 6. Without one the processing is not lawful, and erasure cannot be decided. Write the basis that applied from the start in the record, or correct the activity in the description.")
	unfoundedText = text("%s: feltet har en særlig kategori eller opplysninger om lovbrudd (%s), men aktiviteten «%s» har ikke grunnlag for det i artikkel 9 nr. 2 eller artikkel 10. Legg til grunnlaget i protokollen, eller rett aktiviteten i beskrivelsen.",
		"%s: feltet har ein særleg kategori eller opplysningar om lovbrot (%s), men aktiviteten «%s» har ikkje grunnlag for det i artikkel 9 nr. 2 eller artikkel 10. Legg til grunnlaget i protokollen, eller rett aktiviteten i skildringa.",
		"%s: the field holds a special category or data on offences (%s), but the activity %q has no basis for it in Article 9(2) or Article 10. Add the basis to the record, or correct the activity in the description.")
	unnamedText = text("%s: feltet har %s, som aktiviteten «%s» ikke nevner. Legg %s til kategoriene i protokollen, så den som spør, får vite det.",
		"%s: feltet har %s, som aktiviteten «%s» ikkje nemner. Legg %s til kategoriane i protokollen, så den som spør, får vite det.",
		"%s: the field holds %s, which the activity %q does not name. Add %s to its categories in the record, so that whoever asks is told.")
)

func categoryName(key string, l locale.Locale) string {
	name, _ := dataset.CategoryName(key)
	return strings.ToLower(name.In(l))
}

// table finds the live table of a collection as the engine does.
func table(schema *source.Schema, d *dataset.Dataset, c *dataset.Collection) (*source.Table, bool) {
	if t, ok := schema.Table(source.TableName{Schema: d.Schema, Name: c.Name}); ok {
		return t, true
	}
	if in, name, dotted := strings.Cut(c.Name, "."); dotted {
		return schema.Table(source.TableName{Schema: in, Name: name})
	}
	return nil, false
}

func (l *look) collection(schema *source.Schema, d *dataset.Dataset, c *dataset.Collection) source.Code {
	if c.Skip {
		l.say(LevelOK, text("%s hoppes over, slik beskrivelsen sier.", "%s blir hoppa over, slik skildringa seier.",
			"%s is skipped, as the description says."), c.Name)
		return ""
	}
	t, ok := table(schema, d, c)
	if !ok {
		l.say(LevelError, text("Tabellen %s finnes ikke.", "Tabellen %s finst ikkje.", "There is no table %s."), c.Name)
		return source.Missing
	}
	if !t.CanSelect {
		l.say(LevelError, text("Kontoen har ikke lov til å lese %s.", "Kontoen har ikkje lov til å lese %s.",
			"The account is not allowed to read %s."), c.Name)
		return source.Denied
	}
	known := map[string]bool{}
	var absent, unseen, drift []string
	for _, leaf := range c.Leaves() {
		column, ok := t.Column(leaf.Parts[0])
		if !ok {
			absent = append(absent, leaf.Path)
			continue
		}
		if !t.Shows(column.Name) && !known[column.Name] {
			unseen = append(unseen, column.Name)
		}
		known[column.Name] = true
	}
	for _, column := range t.Columns {
		if !known[column.Name] {
			drift = append(drift, column.Name)
		}
	}
	l.columns(c, t, absent, drift, len(known)-len(unseen))
	if len(unseen) > 0 {
		l.say(LevelWarn, text("%s: ingen av dokumentene som ble sett på, har disse feltene. Se etter at navnene er riktige: %s.",
			"%s: ingen av dokumenta som vart sett på, har desse felta. Sjå etter at namna er rette: %s.",
			"%s: none of the documents that were looked at has these fields. See whether the names are right: %s."), c.Name, strings.Join(unseen, ", "))
	}
	l.strategies(d, c, t)
	if len(absent) > 0 {
		return source.Missing
	}
	return ""
}

// strategies tells of what the description wants and the live columns do not allow.
func (l *look) strategies(d *dataset.Dataset, c *dataset.Collection, t *source.Table) {
	for _, leaf := range c.Leaves() {
		column, ok := t.Column(leaf.Parts[0])
		if !ok || len(leaf.Parts) > 1 {
			continue
		}
		if o := leaf.Field.Override; o != nil && o.Strategy == dataset.NullRewrite && !column.Nullable {
			l.say(LevelError, text("%s, linje %d: %s.%s kan ikke være tomt, så null_rewrite går ikke. Skriv string_rewrite eller random_string_rewrite.",
				"%s, linje %d: %s.%s kan ikkje vere tomt, så null_rewrite går ikkje. Skriv string_rewrite eller random_string_rewrite.",
				"%s, line %d: %s.%s cannot be empty, so that null_rewrite does not work. Write string_rewrite or random_string_rewrite."),
				filepath.Base(d.File), o.Line, c.Name, leaf.Path)
		}
		if leaf.Field.Length > 0 && column.Class != source.ClassText && column.Class != source.ClassOther {
			l.say(LevelError, text("%s, linje %d: «length» gjelder bare tekst, og kolonnen %s.%s er %s. Ta bort «length».",
				"%s, linje %d: «length» gjeld berre tekst, og kolonnen %s.%s er %s. Ta bort «length».",
				"%s, line %d: \"length\" is for texts only, and the column %s.%s is %s. Remove \"length\"."),
				filepath.Base(d.File), leaf.Field.Line, c.Name, leaf.Path, column.Type)
		}
	}
}

func (l *look) columns(c *dataset.Collection, t *source.Table, absent, drift []string, known int) {
	if len(absent) > 0 {
		l.say(LevelError, text("%s mangler kolonner som beskrivelsen nevner: %s.", "%s manglar kolonnar som skildringa nemner: %s.",
			"%s lacks columns that the description names: %s."), c.Name, strings.Join(absent, ", "))
	} else {
		l.say(LevelOK, text("%s: kolonner som stemmer: %d.", "%s: kolonnar som stemmer: %d.", "%s: columns that are right: %d."), c.Name, known)
	}
	if len(drift) > 0 {
		l.say(LevelWarn, text("%s har kolonner som ikke er beskrevet og derfor ikke blir lest: %s.",
			"%s har kolonnar som ikkje er skildra og difor ikkje blir lesne: %s.",
			"%s has columns that are not described and therefore not read: %s."), c.Name, strings.Join(drift, ", "))
	}
	if len(t.PrimaryKey) == 0 && !t.Keyless {
		l.say(LevelWarn, text("%s har ingen primærnøkkel. Rader kan bare endres når alle verdiene er ulike.",
			"%s har ingen primærnøkkel. Rader kan berre endrast når alle verdiane er ulike.",
			"%s has no primary key. Rows can only be changed where all their values differ."), c.Name)
	}
	if !t.CanUpdate && !t.CanDelete {
		l.say(LevelWarn, text("%s kan leses, men ikke rettes eller slettes herfra. Det må gjøres i systemet selv.",
			"%s kan lesast, men ikkje rettast eller slettast herfrå. Det må gjerast i systemet sjølv.",
			"%s can be read, but not corrected or erased from here. That must be done in the system itself."), c.Name)
	}
}

// read asks each table for one row: the catalogue's word about permissions is not enough.
func (l *look) read(ctx context.Context, opened source.Source, schema *source.Schema, sets []*dataset.Dataset) source.Code {
	finder, ok := opened.(source.Finder)
	if !ok {
		l.say(LevelError, failedText)
		return source.Unsupported
	}
	snapshot, err := finder.Snapshot(ctx)
	if err != nil {
		return l.unread(err)
	}
	defer func() { _ = snapshot.Close() }()
	for _, d := range sets {
		for _, c := range d.Collections {
			t, ok := table(schema, d, c)
			if c.Skip || !ok || len(t.Columns) == 0 {
				continue
			}
			q := source.Query{Table: t, Fields: []source.Field{{Column: t.Columns[0].Name}}, Limit: 1}
			err := snapshot.Find(ctx, q, func([]source.Value) error { return nil })
			var own *source.Error
			if errors.As(err, &own) && own.State == webhook.StateCallback {
				l.say(LevelOK, laterText)
				return ""
			}
			if err != nil {
				return l.unread(err)
			}
		}
	}
	return ""
}

// Drift is what a source is remembered by that can be read as it is described, and holds personal
// data besides.
const Drift = "drift"

// How much a look for new personal data reads.
const (
	driftRows   = 50
	driftBudget = 20 * time.Second
	driftTables = 50 // tables that are told of one by one
)

// drift looks for personal data in what the annotation does not mention: columns that came since,
// and tables. It tells whether there are any.
func (l *look) drift(ctx context.Context, opened source.Source, schema *source.Schema, sets []*dataset.Dataset) bool {
	described := map[source.TableName]map[string]bool{}
	for _, d := range sets {
		for _, c := range d.Collections {
			if t, ok := table(schema, d, c); ok {
				if described[t.Name] == nil {
					described[t.Name] = map[string]bool{}
				}
				for _, leaf := range c.Leaves() {
					if column, ok := t.Column(leaf.Parts[0]); ok {
						described[t.Name][column.Name] = true
					}
				}
				if c.Skip {
					described[t.Name] = nil
				}
			}
		}
	}
	fresh := map[source.TableName]bool{}
	for i := range schema.Tables {
		t := &schema.Tables[i]
		known, is := described[t.Name]
		fresh[t.Name] = !is && !t.View || is && known != nil && len(known) < len(t.Columns)
	}
	p, err := scan.Propose(ctx, opened, scan.Options{Key: "drift", Rows: driftRows, Budget: driftBudget,
		Only: func(name source.TableName) bool { return fresh[name] }})
	if err != nil {
		// The rows were read a moment ago: what cannot be looked at now is looked at the next time.
		return false
	}
	found := 0
	for _, c := range p.Collections {
		if !fresh[c.Table] {
			continue
		}
		var seen []string
		for _, f := range c.Fields {
			if f.Category != "" && !f.General() && !described[c.Table][f.Name] {
				label, _ := dataset.CategoryName(f.Category)
				seen = append(seen, fmt.Sprintf("%s (%s)", f.Name, label.In(l.locale)))
			}
		}
		if len(seen) == 0 {
			continue
		}
		if found++; found > driftTables {
			continue
		}
		if _, is := described[c.Table]; is {
			l.say(LevelWarn, text("%s har nye kolonner som ser ut til å være personopplysninger: %s. Beskriv dem, ellers blir de ikke med i svarene.",
				"%s har nye kolonnar som ser ut til å vere personopplysningar: %s. Skildre dei, elles blir dei ikkje med i svara.",
				"%s has new columns that seem to hold personal data: %s. Describe them, or they are left out of the answers."), c.Name, strings.Join(seen, ", "))
		} else {
			l.say(LevelWarn, text("Tabellen %s er ikke beskrevet og ser ut til å ha personopplysninger: %s. Beskriv den, eller skriv skip_processing: true.",
				"Tabellen %s er ikkje skildra og ser ut til å ha personopplysningar: %s. Skildre han, eller skriv skip_processing: true.",
				"The table %s is not described and seems to hold personal data: %s. Describe it, or write skip_processing: true."), c.Name, strings.Join(seen, ", "))
		}
	}
	return found > 0
}

// Place is a place to look in that an office is likely to have.
type Place struct {
	Name         string
	Activity     string
	Instructions string
}

// usual are places that most offices have. Those with activities are proposed when the register
// has one of them.
var usual = []struct {
	activities         []string
	name, instructions locale.Text
}{
	{[]string{"contact_form", "customers"}, text("E-post", "E-post", "E-mail"),
		text("Søk i felles og personlige postkasser på navn og e-postadresse. Se også i sendt post og arkiv.",
			"Søk i felles og personlege postkassar på namn og e-postadresse. Sjå òg i send post og arkiv.",
			"Search shared and personal mailboxes for the name and e-mail address. Look in sent mail and archives too.")},
	{[]string{"invoices"}, text("Regnskap", "Rekneskap", "Accounting"),
		text("Søk på navn, e-postadresse og kundenummer i regnskapssystemet: kunder, fakturaer og bilag.",
			"Søk på namn, e-postadresse og kundenummer i rekneskapssystemet: kundar, fakturaer og bilag.",
			"Search the accounting system for the name, e-mail address and customer number: customers, invoices and vouchers.")},
	{[]string{"order_documents", "customers"}, text("Felles filområde", "Felles filområde", "Shared files"),
		text("Søk på navnet i tilbud, avtaler og lister på felles disk eller i skyen.",
			"Søk på namnet i tilbod, avtalar og lister på felles disk eller i skya.",
			"Search for the name in quotes, contracts and lists on the shared drive or in the cloud.")},
	{[]string{"employees", "payroll"}, text("Lønn og personal", "Løn og personal", "Payroll and personnel"),
		text("Se etter personen i lønnssystemet og i personalmappene.", "Sjå etter personen i lønssystemet og i personalmappene.",
			"Look for the person in the payroll system and the personnel files.")},
	{[]string{"job_applications"}, text("Søknader", "Søknader", "Job applications"),
		text("Se etter søknader, CV-er og notater fra intervjuer.", "Sjå etter søknader, CV-ar og notat frå intervju.",
			"Look for applications, CVs and notes of interviews.")},
	{[]string{"newsletter"}, text("Nyhetsbrev", "Nyheitsbrev", "Newsletter"),
		text("Søk på e-postadressen i verktøyet for nyhetsbrev, også blant dem som har meldt seg av.",
			"Søk på e-postadressa i verktøyet for nyheitsbrev, òg blant dei som har meldt seg av.",
			"Search for the e-mail address in the newsletter tool, also among those who have unsubscribed.")},
	{nil, text("Papirarkiv", "Papirarkiv", "Paper archive"),
		text("Se etter navnet i permer og arkivskap.", "Sjå etter namnet i permar og arkivskåp.",
			"Look for the name in binders and filing cabinets.")},
}

// SuggestedPlaces gives the systems that the register names and the places that most offices
// have, without those that are sources already.
func (o *Office) SuggestedPlaces(ctx context.Context, l locale.Locale) ([]Place, error) {
	var out []Place
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := o.register(tx)
		if err != nil {
			return err
		}
		list, _, err := sources(tx)
		if err != nil {
			return err
		}
		taken := map[string]bool{}
		for _, s := range list {
			taken[strings.ToLower(s.Name)] = true
		}
		out = suggest(r.Register, taken, l)
		return nil
	})
	return out, err
}

func suggest(r *register.Register, taken map[string]bool, l locale.Locale) []Place {
	var out []Place
	add := func(p Place) {
		name, err := cleanName(p.Name)
		if err != nil || taken[strings.ToLower(name)] {
			return
		}
		taken[strings.ToLower(name)] = true
		p.Name = name
		out = append(out, p)
	}
	for i := range r.Activities {
		a := &r.Activities[i]
		add(Place{Name: a.Storage.System, Activity: a.ID, Instructions: text("Se etter personen i dette systemet.",
			"Sjå etter personen i dette systemet.", "Look for the person in this system.").In(l)})
	}
	for _, u := range usual {
		activity := ""
		for _, id := range u.activities {
			if activity == "" && r.Activity(id) != nil {
				activity = id
			}
		}
		if activity != "" || len(u.activities) == 0 {
			add(Place{Name: u.name.In(l), Activity: activity, Instructions: u.instructions.In(l)})
		}
	}
	return out
}

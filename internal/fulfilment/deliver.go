package fulfilment

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"mininfo/internal/blob"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/export"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Faults of delivering.
var (
	ErrNoPackage = fault.Define(fault.NotFound, "no_package",
		"Det finnes ikke noen kopi å laste ned i denne saken.", "Det finst ikkje nokon kopi å laste ned i denne saka.",
		"There is no copy to download in this case.")
	ErrPackageGone = fault.Define(fault.Gone, "package_gone",
		"Kopien er slettet hos oss. Du kan be om innsyn på nytt.", "Kopien er sletta hos oss. Du kan be om innsyn på nytt.",
		"The copy has been erased here. You may ask for access again.")
	ErrNotFetched = fault.Define(fault.Conflict, "package_not_fetched",
		"Kopien er ikke lastet ned ennå. Last den ned og se at du kan åpne den, før du sletter den hos oss.",
		"Kopien er ikkje lasta ned enno. Last han ned og sjå at du kan opne han, før du slettar han hos oss.",
		"The copy has not been downloaded yet. Download it and see that you can open it before you erase it here.")
	ErrForm = fault.Define(fault.Invalid, "unknown_form",
		"Velg side eller ZIP-fil.", "Vel side eller ZIP-fil.", "Choose page or ZIP file.")
)

// errDigest says that what is about to be delivered is not what was approved.
var errDigest = errors.New("the package is not the approved plan's")

// Delivery is something to be read once and closed.
type Delivery struct {
	Name, MediaType string
	Size            int64 // -1: unknown
	io.ReadCloser
}

// pack builds the package of an access request: exactly what was approved.
func (w *Works) pack(ctx context.Context, j job.Job, c *carrying) error {
	r := c.m.request
	var p *store.Package
	var b *bundle
	err := w.Store.InTx(ctx, func(tx *store.Tx) (err error) {
		if p, err = tx.ExpectPackage(r); err != nil {
			return err
		}
		said, err := w.asItStands(tx, c.m)
		if err != nil {
			return err
		}
		b, err = w.sealedBundle(tx, c.m, said)
		return err
	})
	if err != nil {
		return err
	}
	defer b.close()
	built, err := b.build(ctx, packageName(r.PublicID, p.PublicID), r.P.Approval)
	if errors.Is(err, errDigest) {
		return job.Cancel(job.Fail(StopExecute, errDigest))
	}
	if err != nil {
		return err
	}
	if err := w.packed(ctx, j, r.PublicID, p, built); err != nil {
		return err
	}
	return ended(j)
}

func (w *Works) packed(ctx context.Context, j job.Job, id string, p *store.Package, c built) error {
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		if err := finish(tx, j); err != nil || r.P.State != dsr.Executing || r.P.PlanDone {
			return err
		}
		if err := c.ready(tx, r, p, system, ""); err != nil {
			return err
		}
		return tx.Act(r, dsr.Event{Kind: dsr.EventExecuted, Actor: system}, store.Change{})
	})
}

// bundle puts together what an access request delivers. It reads the findings once, judges them as
// the plan did, and computes the digest of what it takes in.
type bundle struct {
	w        *Works
	m        *material
	key      keyring.DataKey // that the findings are read with
	seal     keyring.DataKey // that the copy is sealed with; the zero key: it is not to be kept
	files    []store.Attachment
	said     store.Answer // the answer, as it stands
	zone     *time.Location
	now      time.Time
	spool    *export.Spool
	tables   map[unit]*packedTable
	order    []unit
	withheld map[unit]*leftOut
	held     []unit
	names    map[unit]facts  // by unit without part: titles and labels
	stated   map[string]bool // rows that something is stated beside, by their index
	digest   string
	pack     export.Package
}

type packedTable struct {
	export.Table
	rows *export.SpoolTable
}

// leftOut counts what is withheld for one reason.
type leftOut struct {
	verdict verdict
	fields  []string
	title   string
	rows    int
}

// bundle gathers what a copy of the material is made of, and the answer that goes with it.
func (w *Works) bundle(tx *store.Tx, m *material, said store.Answer) (*bundle, error) {
	b := &bundle{w: w, m: m, said: said, zone: m.zone, now: tx.Now}
	var err error
	if b.files, err = tx.Attachments(m.request); err != nil {
		return nil, err
	}
	if b.stated, err = tx.StatedRows(); err != nil {
		return nil, err
	}
	b.key, err = tx.Key(m.request.PublicID, store.ClassEvidence)
	return b, err
}

// sealedBundle gathers a copy that is kept, and for that the key it is sealed with.
func (w *Works) sealedBundle(tx *store.Tx, m *material, said store.Answer) (*bundle, error) {
	b, err := w.bundle(tx, m, said)
	if err != nil {
		return nil, err
	}
	b.seal, err = tx.Key(m.request.PublicID, store.ClassPackage)
	return b, err
}

func (b *bundle) close() {
	if b.spool != nil {
		_ = b.spool.Close()
	}
}

func (b *bundle) read(ctx context.Context) error {
	var err error
	if b.spool, err = export.NewSpool(b.w.TempDir, rand.Reader); err != nil {
		return fmt.Errorf("making room for the package: %w", err)
	}
	b.tables, b.withheld, b.names = map[unit]*packedTable{}, map[unit]*leftOut{}, map[unit]facts{}
	for _, g := range b.m.groups {
		u := unit{Source: g.Group.Source, Collection: g.Group.Collection}
		known := b.names[u]
		known.Title, known.Collection = g.Title, g.facts.Collection
		known.Fields = append(known.Fields, g.Fields...)
		b.names[u] = known
	}
	steps := engine.NewPlanWriter(io.Discard)
	err = b.w.reader(b.key, b.m.chunks, confirmed).Each(ctx, func(f *engine.Finding) error {
		d := b.m.judge.disclosure(f)
		if d.step == nil {
			return nil
		}
		if err := steps.Write(d.step); err != nil {
			return err
		}
		return b.row(ctx, f, d)
	})
	if err != nil {
		return fmt.Errorf("reading the findings: %w", err)
	}
	sum, err := steps.Close()
	if err != nil {
		return err
	}
	b.digest = sum.Digest
	return b.assemble()
}

// row puts a finding into the tables of the activities that its fields belong to.
func (b *bundle) row(ctx context.Context, f *engine.Finding, d disclosed) error {
	b.leaveOut(f, d)
	if d.step.Action != engine.Disclose {
		return nil
	}
	notes, err := b.statedBeside(ctx, f)
	if err != nil {
		return err
	}
	var activities []string
	for _, v := range f.Fields {
		if got, ok := d.verdicts[v.Name]; ok && got.asked && !slices.Contains(activities, got.unit.Activity) {
			activities = append(activities, got.unit.Activity)
		}
	}
	if len(activities) == 0 {
		activities = []string{d.row.unit.Activity}
	}
	for _, a := range activities {
		if err := b.cells(f, d, a, notes); err != nil {
			return err
		}
	}
	return nil
}

func (b *bundle) cells(f *engine.Finding, d disclosed, activity string, notes []string) error {
	t := b.table(f, d, activity)
	row := &export.Row{Key: shortKey(d.named(f)), Cells: make([]export.Cell, len(t.Columns)), Notes: notes}
	any := false
	for i, c := range t.Columns {
		v, ok := f.Field(c.Name)
		if !ok {
			continue
		}
		got, judged := d.verdicts[c.Name]
		if judged && (register.Quiet(got.Ground) || got.Code == codeFollows) {
			continue // as if nothing stood there: what follows later may turn out to be what nobody is told of
		}
		if judged && got.Action != register.Disclose {
			row.Cells[i].Withheld = got.Text.In(b.m.request.Locale)
			continue
		}
		any = true
		row.Cells[i].Value = v.Value
		if got.redaction != nil {
			row.Cells[i].Value = got.redaction.without(v.Value, b.m.request.Locale)
		}
	}
	if !any && len(t.Columns) > 0 {
		return nil
	}
	if act := b.m.judge.reg.Activity(activity); act != nil {
		if from := dateOf(f.Retention); from != nil && act.Retention.Dated() {
			if until, ok := act.Retention.End(*from, b.m.judge.reg.Controller.FinancialYearTo); ok && !until.Before(b.m.judge.today) {
				row.KeptUntil = until
			}
		}
	}
	if err := t.rows.Add(row); err != nil {
		return fmt.Errorf("packing a row: %w", err)
	}
	return nil
}

// table gives the table of a collection under an activity; its columns are fixed by the first row.
func (b *bundle) table(f *engine.Finding, d disclosed, activity string) *packedTable {
	u := unit{Source: f.Source, Collection: collectionName(f), Activity: activity}
	if t := b.tables[u]; t != nil {
		return t
	}
	known := b.names[unit{Source: u.Source, Collection: u.Collection}]
	t := &packedTable{rows: b.spool.Table(strings.Join([]string{u.Source, u.Collection, u.Activity}, "\x00"))}
	t.Table = export.Table{Source: f.Source, Collection: f.Collection, Title: known.Title, Rows: t.rows.Rows()}
	for i := range f.Fields {
		v := &f.Fields[i]
		got, judged := d.verdicts[v.Name]
		if judged && got.unit.Activity == activity || !judged && len(d.verdicts) == 0 {
			t.Columns = append(t.Columns, export.Column{Name: v.Name, Label: label(known.Fields, v.Name),
				Category: strings.Join(categoryNames(v.Categories, b.m.request.Locale), ", ")})
		}
	}
	b.tables[u] = t
	b.order = append(b.order, u)
	return t
}

func label(fields []fieldFact, name string) string {
	for _, f := range fields {
		if f.Name == name && f.Label != "" {
			return f.Label
		}
	}
	return export.Readable(name)
}

// leaveOut notes what of a finding is withheld, and why.
func (b *bundle) leaveOut(f *engine.Finding, d disclosed) {
	seen := map[unit]bool{}
	note := func(v verdict, field string) {
		if register.Quiet(v.Ground) {
			return
		}
		it := b.withheld[v.unit]
		if it == nil {
			it = &leftOut{verdict: v, title: cmp.Or(b.names[unit{Source: f.Source, Collection: collectionName(f)}].Title, f.Collection)}
			b.withheld[v.unit] = it
			b.held = append(b.held, v.unit)
		}
		if field != "" && !slices.Contains(it.fields, field) {
			it.fields = append(it.fields, field)
		}
		if !seen[v.unit] {
			seen[v.unit] = true
			it.rows++
		}
	}
	known := b.names[unit{Source: f.Source, Collection: collectionName(f)}]
	for i := range f.Fields {
		name := f.Fields[i].Name
		v, ok := d.verdicts[name]
		switch {
		case !ok || !v.asked:
		case v.Action != register.Disclose:
			note(v, cmp.Or(label(known.Fields, name), name))
		case v.redaction != nil:
			note(v.redaction.told(v, textRedactedPart), cmp.Or(label(known.Fields, name), name))
		}
	}
	if len(d.verdicts) == 0 && d.step.Action == engine.Withhold {
		note(d.row, "")
	}
}

// assemble puts the parts together in the order of the register.
func (b *bundle) assemble() error {
	r, l := b.m.request, b.m.request.Locale
	reg := b.m.judge.reg
	places, _ := b.m.searched(l)
	searched := export.Searched{Systems: places, Identifiers: b.m.searchedWith(l), Period: b.m.period(l), Notes: b.m.processors(l)}
	b.pack = export.Package{
		Locale: l, Created: b.now, Zone: b.zone, Controller: export.ControllerOf(reg.Controller),
		Case: export.Case{Reference: string(r.Reference), Right: r.Right, Received: r.P.Deadline.Received,
			Answered: dsr.DateOf(b.now, b.zone), Due: r.P.Deadline.Due},
		Person: export.PersonOf(r.Name.Reveal(), r.Postal.Reveal()), Identity: []string{identityText(r, l)},
		Searched: searched, Purposes: b.purposes(), NotReachable: b.m.notReachable(), Signer: b.said.Signer, Corrections: b.said.Later,
	}
	var err error
	if b.pack.Letter, err = b.said.PDF(); err != nil {
		return err
	}
	b.pack.Case.Notice = b.w.noticeOf(b.m, b.zone)
	b.pack.Case.Wrong = b.w.at("/request/rectification")
	if r.P.Deadline.Open {
		b.pack.Case.Due = r.P.Deadline.DueUnsuspended
	}
	for _, u := range b.held {
		b.pack.Withheld = append(b.pack.Withheld, b.withheld[u].entry(l))
	}
	return b.attach()
}

// asItStands gives the answer that was sent, or before that the one that would be. Words that a member adds when
// sending it are not yet in it: a copy is written anew with them (issue).
func (w *Works) asItStands(tx *store.Tx, m *material) (store.Answer, error) {
	if len(m.request.Answer) == 0 {
		return w.answerOf(tx, m, AnswerInput{})
	}
	var a store.Answer
	if err := json.Unmarshal(m.request.Answer, &a); err != nil {
		return a, fmt.Errorf("reading the answer: %w", err)
	}
	return a, nil
}

// noticeOf names the privacy notice that applied when the request came in; "" when there was none.
func (w *Works) noticeOf(m *material, zone *time.Location) string {
	n := m.notice
	if n == nil {
		return ""
	}
	return fmt.Sprintf("%s, %s/notice?version=%d", n.In(m.request.Locale, zone), strings.TrimRight(w.PublicURL, "/"), n.Number)
}

func (o *leftOut) entry(l locale.Locale) export.Withheld {
	what := nameOfActivity(o.verdict).In(l) + ": " + o.title
	if len(o.fields) > 0 {
		what += " – " + strings.Join(o.fields, ", ")
	}
	ground := cmp.Or(register.LawText(o.verdict.Law, l), o.verdict.Ground)
	if known, ok := register.FindReason(register.WithholdGrounds, o.verdict.Ground); ok {
		ground = known.Label.In(l) + " (" + register.LawText(register.Law(known.Article), l) + ")"
	}
	return export.Withheld{What: what, Count: o.rows, Ground: ground, Text: o.verdict.Text.In(l)}
}

func (b *bundle) purposes() []export.Purpose {
	l, reg := b.m.request.Locale, b.m.judge.reg
	var ids []string
	for i := range reg.Activities {
		ids = append(ids, reg.Activities[i].ID)
	}
	for _, u := range b.order {
		if !slices.Contains(ids, u.Activity) {
			ids = append(ids, u.Activity)
		}
	}
	var out []export.Purpose
	for _, id := range ids {
		p := export.PurposeOf(reg.Activity(id), l)
		p.ID = cmp.Or(p.ID, id, "other")
		for _, u := range b.order {
			if u.Activity == id && b.tables[u].rows.Len() > 0 {
				p.Tables = append(p.Tables, b.tables[u].Table)
			}
		}
		for _, t := range b.m.tasks {
			if place := b.m.place(t); t.State == store.TaskFound && place.Activity == id {
				p.Notes = append(p.Notes, fmt.Sprintf(textEnclosed.In(l), place.Name))
			}
		}
		if len(p.Tables) > 0 || len(p.Notes) > 0 {
			b.m.named(&p)
			out = append(out, p)
		}
	}
	return out
}

var textEnclosed = text("Det vi fant i «%s», ligger ved.", "Det vi fann i «%s», ligg ved.", "What we found in \"%s\" is enclosed.")

// notReachable names the places whose content nothing known of the person leads into (Art. 11).
func (m *material) notReachable() []string {
	var out []string
	for _, c := range m.report.Walk {
		if c.Status == engine.NotReachable {
			out = append(out, c.Source+": "+c.Collection)
		}
	}
	return out
}

// enclosed gives the files that go with the answer: those of the places in which something was found.
func (m *material) enclosed(files []store.Attachment) []store.Attachment {
	var out []store.Attachment
	for _, f := range files {
		if slices.ContainsFunc(m.tasks, func(t store.Task) bool { return f.TaskID != nil && t.ID == *f.TaskID && t.State == store.TaskFound }) {
			out = append(out, f)
		}
	}
	return out
}

// attach adds the files that colleagues found. They are given whole: whoever uploaded them had to
// take out what is about others, and a member has looked whether they did.
func (b *bundle) attach() error {
	for _, f := range b.m.enclosed(b.files) {
		i := slices.IndexFunc(b.m.tasks, func(t store.Task) bool { return t.ID == *f.TaskID })
		sum, err := hex.DecodeString(f.SHA256)
		if err != nil {
			return fmt.Errorf("reading a file's digest: %w", err)
		}
		b.pack.Attachments = append(b.pack.Attachments, export.Attachment{
			Name: f.Name.Reveal(), MediaType: f.MediaType, Note: b.m.place(b.m.tasks[i]).Name, Size: f.Size, SHA256: sum,
			Open: func() (io.ReadCloser, error) { return blob.OpenSealed(context.Background(), b.w.Blobs, f.Blob, b.key) },
		})
	}
	return nil
}

// identityText says how it was established who asks.
func identityText(r *store.Request, l locale.Locale) string {
	if said, ok := identityTexts[r.VerifiedMethod]; ok {
		return said.In(l)
	}
	return text("En saksbehandler bekreftet hvem du er.", "Ein saksbehandlar stadfesta kven du er.", "A case handler confirmed who you are.").In(l)
}

// identityTexts tells the level alone: what was said or shown is not kept.
var identityTexts = map[string]locale.Text{
	"mailbox": text("Du viste at e-postadressen er din, med en engangskode.", "Du viste at e-postadressa er di, med ein eingongskode.",
		"You showed that the e-mail address is yours, by a one-time code."),
	"known_address": text("Du skrev fra en adresse vi har registrert.", "Du skreiv frå ei adresse vi har registrert.",
		"You wrote from an address that we have on file."),
	"code_by_mail": text("Du svarte med en kode som vi sendte til en adresse vi har registrert.", "Du svara med ein kode som vi sende til ei adresse vi har registrert.",
		"You replied with a code that we sent to an address on file."),
	"known_facts": text("Du svarte riktig på noe bare du og vi vet.", "Du svara rett på noko berre du og vi veit.",
		"You answered correctly something that only you and we know."),
	"eid":       text("Du brukte elektronisk ID.", "Du brukte elektronisk ID.", "You used electronic ID."),
	"in_person": text("Du møtte opp hos oss. Vi tok ikke kopi av legitimasjon.", "Du møtte opp hos oss. Vi tok ikkje kopi av legitimasjon.", "You came to us in person. We took no copy of any ID."),
}

// StaffPackage gives the package to a member: as one page to print, or as the ZIP. Before it is
// approved it is made on the spot, to be looked over. It is always of exactly the plan that stands:
// what is printed and sent on paper is what was approved.
func (w *Works) StaffPackage(ctx context.Context, by By, id, form string) (*Delivery, error) {
	if form != "html" && form != "zip" {
		return nil, ErrForm.At("/form")
	}
	var b *bundle
	err := w.act(ctx, by, id, staff.DownloadCopy, func(tx *store.Tx, r *store.Request) (err error) {
		if !r.Right.Row().Package {
			return ErrNoPackage
		}
		m, err := w.gather(tx, r)
		if err != nil {
			return err
		}
		if m.run == nil {
			return ErrNoAnswerYet
		}
		if m.stale() || r.P.Approval != "" && r.P.Approval != m.plan.Digest {
			return ErrPlanStale
		}
		said, err := w.asItStands(tx, m)
		if err != nil {
			return err
		}
		if b, err = w.bundle(tx, m, said); err != nil {
			return err
		}
		return by.look(tx, r, "package_read")
	})
	if err != nil {
		return nil, err
	}
	if err := b.read(ctx); err != nil {
		b.close()
		return nil, err
	}
	return b.deliver(ctx, form), nil
}

// deliver writes the bundle while it is read; closing the delivery ends the writing.
func (b *bundle) deliver(ctx context.Context, form string) *Delivery {
	d := &Delivery{Name: string(b.m.request.Reference) + "." + form, MediaType: "application/zip", Size: -1}
	write := func(out io.Writer) error {
		_, err := export.Write(ctx, out, b.pack)
		return err
	}
	if form == "html" {
		d.MediaType = "text/html; charset=utf-8"
		write = func(out io.Writer) error { return export.WriteHTML(ctx, out, b.pack) }
	}
	in, out := io.Pipe()
	go func() {
		defer b.close()
		_ = out.CloseWithError(write(out))
	}()
	d.ReadCloser = in
	return d
}

// visible refuses whoever may not read the request in the portal (store.Tx.Opens has the rule).
func visible(tx *store.Tx, r *store.Request, address []byte) error {
	opens, err := tx.Opens(r, address, dsr.KeepAnswered)
	if err == nil && !opens {
		err = store.ErrNoRequest
	}
	return err
}

// OpenPackage gives the package to the person. prove, run in the transaction that counts the
// download, spends the fresh code that every download needs; such a code also opens a package
// again whose seven days or five downloads are over.
// part is the number of a part that went before the answer, or 0.
func (w *Works) OpenPackage(ctx context.Context, address []byte, id string, part int64, prove func(*store.Tx) error) (*Delivery, error) {
	var p *store.Package
	var key keyring.DataKey
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		if p, err = packageFor(tx, r, address, part); err != nil {
			return err
		}
		key, err = tx.Key(id, store.ClassPackage)
		return err
	})
	if err != nil {
		return nil, err
	}
	// Opened before anything is spent: a code and a download are for a package that can be read.
	in, err := blob.OpenSealed(ctx, w.Blobs, p.Blob, key)
	if err != nil {
		return nil, fmt.Errorf("opening the package: %w", err)
	}
	opened, reference := p.Blob, ""
	err = w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		reference = string(r.Reference)
		if part > 0 {
			reference += fmt.Sprintf("-%d", part)
		}
		p, err := packageFor(tx, r, address, part)
		if err != nil {
			return err
		}
		if p.Blob != opened {
			return dsr.ErrPackageNotReady
		}
		if err := prove(tx); err != nil {
			return err
		}
		return downloaded(tx, r, p)
	})
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return &Delivery{Name: reference + ".zip", MediaType: "application/zip", Size: in.Size(), ReadCloser: in}, nil
}

// packageFor gives the request's package if whoever proved the address may have it now.
func packageFor(tx *store.Tx, r *store.Request, address []byte, part int64) (*store.Package, error) {
	if err := visible(tx, r, address); err != nil {
		return nil, err
	}
	p, err := tx.PartOf(r, part)
	if err != nil {
		return nil, err
	}
	return p, deliverable(r, p)
}

func deliverable(r *store.Request, p *store.Package) error {
	switch {
	case p == nil || p.Number == 0 && r.P.State != dsr.Answered:
		return ErrNoPackage
	case p.State == store.PackagePurged:
		return ErrPackageGone
	case p.State != store.PackageReady, p.Number > 0 && r.P.Doubted: // who the person is was asked since
		return dsr.ErrPackageNotReady
	}
	return nil
}

func downloaded(tx *store.Tx, r *store.Request, p *store.Package) error {
	counted, err := tx.CountDownload(p, PackageDownloads, tx.Now.Add(PackageOpen))
	if err != nil {
		return err
	}
	if !counted {
		return ErrPackageGone
	}
	if err := tx.Act(r, dsr.Event{Kind: dsr.EventDownloaded, Actor: dsr.Actor{Kind: dsr.Person}, Data: dsr.EventData{Count: int(p.Number)}}, store.Change{}); err != nil {
		return err
	}
	return tx.MailPerson(r, mail.PackageDownloaded)
}

// EraseCopy erases the copy before its time: the person says that they have it. Nobody can say so of a
// copy that was never downloaded.
func (w *Works) EraseCopy(ctx context.Context, address []byte, id string) error {
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		p, err := packageFor(tx, r, address, 0)
		if err != nil {
			return err
		}
		if !p.Fetched() {
			return ErrNotFetched
		}
		gone, err := tx.PurgePackage(r.ID)
		if err != nil {
			return err
		}
		if !gone {
			return ErrPackageGone
		}
		if err := tx.Shred(id, store.ClassPackage); err != nil {
			return err
		}
		return tx.Act(r, dsr.Event{Kind: dsr.EventCopyErased, Actor: dsr.Actor{Kind: dsr.Person}}, store.Change{})
	})
	if err != nil {
		return err
	}
	// Nothing opens the file any more. If clearing it away fails, the purge does it.
	if err := w.forget(ctx, packagePrefix(id)); err != nil {
		w.Logger.ErrorContext(ctx, "a copy's file was left for the purge", "case", id, "code", job.Code(err))
	}
	return nil
}

// PackageView is a package as people see it.
type PackageView struct {
	State              string // building, ready, locked, purged
	ReadyAt, OpenUntil *time.Time
	DownloadsLeft      int
	Fetched            bool // it was downloaded at least once
	PurgeOn            *dsr.Date
	Size               int64
}

// PersonView is what the person reads of how their case is carried out.
type PersonView struct {
	Package    *PackageView // nil: there is none to be had yet
	Parts      []PartView
	Recipients []ToldRecipient
}

// ForPerson tells the person how their case is carried out. Whoever calls it has seen that the request
// is theirs to read.
func (w *Works) ForPerson(tx *store.Tx, r *store.Request, l locale.Locale) (v PersonView, err error) {
	if r.P.State == dsr.Answered {
		if v.Package, err = packageView(tx, r); err != nil {
			return v, err
		}
	}
	if v.Parts, err = partViews(tx, r); err != nil {
		return v, err
	}
	v.Recipients, err = toldRecipients(tx, r, l)
	return v, err
}

func packageView(tx *store.Tx, r *store.Request) (*PackageView, error) {
	p, err := tx.PackageOf(r)
	if err != nil || p == nil {
		return nil, err
	}
	return viewOf(tx, p)
}

func viewOf(tx *store.Tx, p *store.Package) (*PackageView, error) {
	v := &PackageView{State: p.State, ReadyAt: p.ReadyAt, OpenUntil: p.OpenUntil, Size: p.Size, Fetched: p.Fetched(),
		DownloadsLeft: max(0, PackageDownloads-int(p.Downloads))}
	if p.PurgeAt != nil {
		zone, err := zoneOf(tx)
		if err != nil {
			return nil, err
		}
		on := dsr.DateOf(*p.PurgeAt, zone)
		v.PurgeOn = &on
	}
	if p.State == store.PackageReady && p.OpenUntil != nil && (v.DownloadsLeft == 0 || !tx.Now.Before(*p.OpenUntil)) {
		v.State = "locked"
	}
	return v, nil
}

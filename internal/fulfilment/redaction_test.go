package fulfilment_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/fulfilment"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

// marked is a text of a finding that a test marks in.
type marked struct {
	group   fulfilment.Group
	finding string
	field   string
	fulfilment.RedactedText
}

// openText finds the text that a phrase stands in, and opens it.
func (o *office) openText(id, phrase string) marked {
	o.t.Helper()
	for _, g := range o.view(id).Groups {
		if g.Proposal.Action == "withhold" {
			continue
		}
		page, err := o.works.Findings(o.t.Context(), o.first, id, g.ID, "", 200, locale.NB)
		o.must(err)
		for _, row := range page.Findings {
			for _, f := range row.Fields {
				if !strings.Contains(f.Value, phrase) || !slices.Contains(f.Marks, "redactable") {
					continue
				}
				m := marked{group: g, finding: row.ID, field: f.Name}
				m.RedactedText, err = o.works.ReadText(o.t.Context(), o.first, id, g.ID, row.ID, f.Name)
				o.must(err)
				return m
			}
		}
	}
	o.t.Fatalf("no text with %q is found", phrase)
	return marked{}
}

// passage gives where a phrase stands in the text, in characters.
func (m marked) passage(phrase string) fulfilment.Passage {
	from := len([]rune(m.Text[:strings.Index(m.Text, phrase)]))
	return fulfilment.Passage{From: from, To: from + len([]rune(phrase))}
}

func (m marked) redacting(phrases ...string) fulfilment.Redaction {
	in := fulfilment.Redaction{Group: m.group.ID, Finding: m.finding, Field: m.field, Seen: m.Seen, Replaces: m.Standing, Ground: "art_15_4", Reason: "Gjelder naboen"}
	for _, p := range phrases {
		in.Passages = append(in.Passages, m.passage(p))
	}
	return in
}

// theGroup gives the group as it stands now.
func (o *office) theGroup(id string, g fulfilment.Group) fulfilment.Group {
	o.t.Helper()
	for _, now := range o.view(id).Groups {
		if now.ID == g.ID {
			return now
		}
	}
	o.t.Fatalf("the group %s is gone", g.Title)
	return fulfilment.Group{}
}

// plainNotes has notes be texts that are looked at only where something is found in them.
func plainNotes(file []byte) []byte {
	return bytes.ReplaceAll(file, []byte("      mininfo: {third_party: true}\n"), nil)
}

// everyByte gives all that a ZIP holds, and the ZIP itself, as one text.
func (o *office) everyByte(body []byte) string {
	o.t.Helper()
	all := string(body)
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	o.must(err)
	for _, f := range z.File {
		r, err := f.Open()
		o.must(err)
		content, err := io.ReadAll(r)
		o.must(err)
		all += f.Name + "\n" + string(content) + "\n"
	}
	return all
}

func (o *office) staffPackage(id, form string) string {
	o.t.Helper()
	d, err := o.works.StaffPackage(o.t.Context(), o.first, id, form)
	o.must(err)
	defer d.Close()
	body, err := io.ReadAll(d)
	o.must(err)
	if form == "html" {
		return string(body)
	}
	return o.everyByte(body)
}

// The note about Astrid names her neighbour with her address. A member takes both out, and Astrid gets the rest:
// in every form of the copy, in the preview and in the answer, and what was taken out is nowhere.
func TestACC08PassagesAreTakenOutOfAText(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		marks := map[locale.Locale]string{locale.NB: "[sladdet]", locale.NN: "[sladda]", locale.EN: "[redacted]"}
		told := map[locale.Locale]string{locale.NB: "er sladdet. Vi har tatt ut dette av hensyn til andres", locale.NN: "er sladda. Vi har teke ut dette av omsyn", locale.EN: "are redacted. We have left this out for the sake of"}
		o := newOffice(t, b)
		o.edit = plainNotes
		for l, mark := range marks {
			o.speaks = l
			id := o.file(dsr.Access, demo.Neighbour.Email, store.Detail{})
			o.work()
			note := o.openText(id, "Gaven ble bestilt")
			if !note.group.NeedsLook || note.group.Confirmed || len(note.Proposed) == 0 || note.Mark != mark || len(note.Passages) > 0 {
				t.Fatalf("%+v", note)
			}
			first := note.passage(demo.MostData.Email)
			if !slices.ContainsFunc(note.Proposed, func(p engine.Passage) bool { return p.From == first.From && p.To == first.To }) {
				t.Fatalf("the address is not proposed: %+v", note.Proposed)
			}
			o.settleBut(id, note.group)
			before := o.view(id).Plan.Digest
			o.is(o.works.Approve(t.Context(), o.first, id, before, false), fulfilment.ErrNeedsLook)
			o.must(o.works.Redact(t.Context(), o.second, id, note.redacting(demo.MostData.Name(), demo.MostData.Email)))

			g := o.theGroup(id, note.group)
			if !g.Confirmed || g.Redacted != 1 || g.Decision.Action != "disclose" || g.Decision.By != o.second.Name {
				t.Errorf("the redaction is no look: %+v", g)
			}
			v := o.view(id)
			if v.Plan.Stale || v.Plan.Digest == before {
				t.Error("the plan does not cover what is redacted")
			}
			o.is(o.works.Approve(t.Context(), o.first, id, before, false), dsr.ErrPlanNotApproved)
			steps := 0
			page, err := o.works.PlanPage(t.Context(), o.first, id, "", 200, locale.NB)
			o.must(err)
			for _, s := range page.Steps {
				for _, c := range s.Changes {
					if c.New == "redact" {
						steps++
					}
				}
			}
			if steps != 1 {
				t.Errorf("%d steps redact", steps)
			}
			seen := o.staffPackage(id, "html") + o.staffPackage(id, "zip")
			o.must(o.works.Approve(t.Context(), o.first, id, v.Plan.Digest, false))
			o.work()
			o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
			a := o.answer(id)
			body, err := json.Marshal(a)
			o.must(err)
			sent := o.everyByte(o.download(id))
			for what, all := range map[string]string{"the preview": seen, "the copy": sent, "the answer": string(body)} {
				for _, secret := range []string{demo.MostData.Email, demo.MostData.Name(), demo.MostData.Last} {
					if strings.Contains(strings.ToLower(all), strings.ToLower(secret)) {
						t.Errorf("%s: %q stands in %s", l, secret, what)
					}
				}
				if what != "the answer" && !strings.Contains(all, "bestilt av naboen "+mark+" ("+mark+"). Sp") {
					t.Errorf("%s: %s lacks the text around what is redacted", l, what)
				}
				if !strings.Contains(all, told[l]) && what == "the answer" {
					t.Errorf("%s: %s does not say that it is redacted, and why: %s", l, what, all)
				}
			}
			i := slices.IndexFunc(a.Groups, func(g store.AnswerGroup) bool { return g.Action == "redacted" })
			if i < 0 || a.Groups[i].Count != 1 || a.Groups[i].Law != "GDPR art. 15(4)" && !strings.Contains(a.Groups[i].Law, "15") || a.Outcome != dsr.PartlyGranted || len(a.LeftOut) == 0 {
				t.Errorf("%s: %+v, left out %+v", l, a.Groups, a.LeftOut)
			}
			if dump := b.Dump(t, "redaction", "event", "audit_leaf", "job", "plan", "finding_group", "run"); strings.Contains(dump, demo.MostData.Email) || strings.Contains(dump, "Gjelder naboen") {
				t.Error("what was redacted, or why, stands in the clear")
			}
		}
	})
}

// A text tells of somebody else by name as well as by address, and the office sees which it is.
func TestACC08OthersAreProposedByEachOfTheirIdentifiers(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		o.edit = plainNotes
		id := o.file(dsr.Access, demo.Neighbour.Email, store.Detail{})
		o.work()
		note := o.openText(id, "Gaven ble bestilt")
		var got []string
		for _, p := range note.Proposed {
			got = append(got, p.Kind+": "+string([]rune(note.Text)[p.From:p.To]))
		}
		if want := []string{"name: " + demo.MostData.Name(), "email: " + demo.MostData.Email}; !slices.Equal(got, want) {
			t.Errorf("proposed are %q, want %q", got, want)
		}
		page, err := o.works.Findings(t.Context(), o.first, id, note.group.ID, "", 200, locale.NB)
		o.must(err)
		i := slices.IndexFunc(page.Findings, func(r fulfilment.FindingRow) bool { return r.ID == note.finding })
		for _, f := range page.Findings[i].Fields {
			if f.Name == note.field && (!slices.Contains(f.Marks, "other.name") || !slices.Contains(f.Marks, "other.email") || slices.Contains(f.Marks, "other.phone_number")) {
				t.Errorf("the field is marked %q", f.Marks)
			}
		}
		// Her own name, address and number stand in many of her rows, and make none of them another's.
		for _, g := range o.view(id).Groups {
			page, err := o.works.Findings(t.Context(), o.first, id, g.ID, "", 200, locale.NB)
			o.must(err)
			for _, row := range page.Findings {
				for _, f := range row.Fields {
					if slices.Contains(f.Marks, "foreign") && !strings.Contains(f.Value, demo.MostData.First) {
						t.Errorf("%s %s: %q is marked", g.Collection, f.Name, f.Value)
					}
				}
			}
		}
		o.settleBut(id, note.group)
		o.is(o.works.Approve(t.Context(), o.first, id, o.view(id).Plan.Digest, false), fulfilment.ErrNeedsLook)
		// Her address alone is not all that tells who she is.
		o.must(o.works.Redact(t.Context(), o.second, id, note.redacting(demo.MostData.Email)))
		o.is(o.works.Approve(t.Context(), o.first, id, o.view(id).Plan.Digest, false), fulfilment.ErrNeedsLook)
	})
}

// settleBut looks at all groups but one.
func (o *office) settleBut(id string, but fulfilment.Group) {
	o.t.Helper()
	var decisions []fulfilment.GroupDecision
	for _, g := range o.view(id).Groups {
		if g.ID == but.ID || !g.NeedsLook || g.Confirmed {
			continue
		}
		d := fulfilment.GroupDecision{Group: g.ID, Action: g.Proposal.Action, Ground: "art_15_4", Reason: "Sett på"}
		if d.Action == "review" {
			d.Action = "withhold"
		}
		decisions = append(decisions, d)
	}
	if len(decisions) > 0 {
		o.must(o.works.Decide(o.t.Context(), o.second, id, decisions))
	}
}

// A redaction that leaves an identifier of another is no look. Whoever says that the rest may go out is: then
// it goes out, without the passages.
func TestACC08RedactionThatLeavesSomebodyIsNoLook(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		o.edit = plainNotes
		id := o.file(dsr.Access, demo.Neighbour.Email, store.Detail{})
		o.work()
		note := o.openText(id, "Gaven ble bestilt")
		part := demo.MostData.Email[:len(demo.MostData.Email)-1]
		o.must(o.works.Redact(t.Context(), o.first, id, note.redacting(part)))
		if g := o.theGroup(id, note.group); g.Confirmed || g.Redacted != 1 || g.Decision.Action != "review" {
			t.Errorf("a part of the address was enough: %+v", g)
		}
		if seen := o.staffPackage(id, "zip"); strings.Contains(seen, "Gaven ble bestilt") {
			t.Error("the text goes out though nobody said that it may")
		}
		o.must(o.works.Decide(t.Context(), o.first, id, []fulfilment.GroupDecision{{Group: note.group.ID, Action: "disclose"}}))
		if seen := o.staffPackage(id, "zip"); !strings.Contains(seen, demo.MostData.Name()+" ([sladdet]") || strings.Contains(seen, part) {
			t.Error("the rest does not go out as it was said")
		}
		// Put back, the text is whole again; the decision of the member stands.
		again := o.openText(id, "Gaven ble bestilt")
		if len(again.Passages) != 1 || again.Ground != "art_15_4" || again.Reason != "Gjelder naboen" {
			t.Errorf("%+v", again)
		}
		o.must(o.works.TakeBack(t.Context(), o.first, id, again.Standing))
		if seen := o.staffPackage(id, "zip"); !strings.Contains(seen, demo.MostData.Email) || o.theGroup(id, note.group).Redacted != 0 {
			t.Error("the text is redacted still")
		}
		o.is(o.works.TakeBack(t.Context(), o.first, id, again.Standing), fulfilment.ErrNoRedaction)
	})
}

// A redaction is of the value that was seen. It outlives a search that finds the same; where the text has
// changed it falls, and nothing of the text goes out before somebody has looked again.
func TestACC08RedactionFallsWithItsText(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		o.edit = plainNotes
		id := o.file(dsr.Access, demo.Neighbour.Email, store.Detail{})
		o.work()
		// One that names another, and one that a member redacts though nothing was found in it.
		gift, home := o.openText(id, "Gaven ble bestilt"), o.openText(id, "Er hjemme")
		if home.group.NeedsLook {
			t.Fatalf("%+v", home.group)
		}
		o.must(o.works.Redact(t.Context(), o.first, id, gift.redacting(demo.MostData.Email, demo.MostData.Name())))
		o.must(o.works.Redact(t.Context(), o.first, id, home.redacting("hjemme på dagtid")))
		again := func() {
			o.must(o.works.Collect(t.Context(), o.first, id))
			o.work()
		}
		again()
		if g := o.openText(id, "Gaven ble bestilt"); len(g.Passages) != 2 || g.Changed || !g.group.Confirmed {
			t.Errorf("the same search took a redaction away: %+v", g)
		}
		if seen := o.staffPackage(id, "zip"); !strings.Contains(seen, "Er [sladdet], ring") || strings.Contains(seen, "hjemme på dagtid") {
			t.Error("what was redacted before the search goes out")
		}
		_, err := o.sql("office").Exec("UPDATE notes SET body = body || ' Låser seg inn bak.' WHERE body LIKE 'Er hjemme%' OR body LIKE 'Gaven ble%'")
		o.must(err)
		again()
		for _, phrase := range []string{"Gaven ble bestilt", "Er hjemme"} {
			text := o.openText(id, phrase)
			if len(text.Passages) > 0 || !text.Changed && phrase == "Er hjemme" || !text.group.NeedsLook || text.group.Confirmed {
				t.Errorf("%s: %+v", phrase, text)
			}
		}
		if seen := o.staffPackage(id, "zip"); strings.Contains(seen, "Låser seg inn") {
			t.Error("a text that changed after it was redacted goes out unseen")
		}
		o.settleBut(id, fulfilment.Group{})
		home = o.openText(id, "Er hjemme")
		o.must(o.works.Redact(t.Context(), o.first, id, home.redacting("hjemme på dagtid", "Låser seg inn bak")))
		if g := o.theGroup(id, home.group); !g.Confirmed {
			t.Errorf("marked anew, it is still open: %+v", g)
		}
		again() // the decision before holds, and so does the redaction
		if home = o.openText(id, "Er hjemme"); len(home.Passages) != 2 || home.Changed {
			t.Errorf("%+v", home)
		}
		o.is(o.works.Redact(t.Context(), o.first, id, gift.redacting("Gaven")), fulfilment.ErrGroupGone)
	})
}

// Rows without a name of their own are named by their values: no key tells what a cell does not, and a text
// that changed is looked at though its row is another one.
func TestACC08TextNamesNoRow(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		sheet := filepath.Join(t.TempDir(), "brev.csv")
		write := func(words string) {
			o.must(os.WriteFile(sheet, []byte("epost;brev\n"+demo.Neighbour.Email+";"+words+"\n"), 0o600))
		}
		write("Klagde på Torgrim Snikksund i trappen")
		o.more = map[string]string{"brev": "csv:" + sheet}
		id := o.file(dsr.Access, demo.Neighbour.Email, store.Detail{})
		o.work()
		letter := o.openText(id, "Torgrim Snikksund")
		o.must(o.works.Redact(t.Context(), o.first, id, letter.redacting("Torgrim Snikksund")))
		o.settleBut(id, fulfilment.Group{})
		if seen := o.staffPackage(id, "zip"); strings.Contains(seen, "Snikksund") || !strings.Contains(seen, "Klagde på [sladdet] i trappen") {
			t.Error("what is redacted names a row")
		}
		write("Klagde på Torgrim Snikksund i kjelleren")
		o.must(o.works.Collect(t.Context(), o.first, id))
		o.work()
		if letter = o.openText(id, "Torgrim Snikksund"); !letter.group.NeedsLook || letter.group.Confirmed || !letter.Changed {
			t.Errorf("%+v", letter)
		}
		if seen := o.staffPackage(id, "zip"); strings.Contains(seen, "kjelleren") {
			t.Error("a text that changed goes out unseen")
		}
	})
}

func TestACC08RedactionErrors(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.file(dsr.Access, demo.Neighbour.Email, store.Detail{})
		o.work()
		note := o.openText(id, "Gaven ble bestilt")
		length := len([]rune(note.Text))
		for name, c := range map[string]struct {
			change func(*fulfilment.Redaction)
			want   error
		}{
			"none":         {func(r *fulfilment.Redaction) { r.Passages = nil }, fulfilment.ErrPassagesMissing},
			"empty":        {func(r *fulfilment.Redaction) { r.Passages = []fulfilment.Passage{{From: 3, To: 3}} }, fulfilment.ErrPassages},
			"backwards":    {func(r *fulfilment.Redaction) { r.Passages = []fulfilment.Passage{{From: 5, To: 3}} }, fulfilment.ErrPassages},
			"before":       {func(r *fulfilment.Redaction) { r.Passages = []fulfilment.Passage{{From: -1, To: 3}} }, fulfilment.ErrPassages},
			"beyond":       {func(r *fulfilment.Redaction) { r.Passages = []fulfilment.Passage{{From: 0, To: length + 1}} }, fulfilment.ErrPassages},
			"overlapping":  {func(r *fulfilment.Redaction) { r.Passages = []fulfilment.Passage{{From: 4, To: 9}, {From: 0, To: 5}} }, fulfilment.ErrPassages},
			"no ground":    {func(r *fulfilment.Redaction) { r.Ground = "" }, fulfilment.ErrGroundMissing},
			"own ground":   {func(r *fulfilment.Redaction) { r.Ground = "excessive" }, fulfilment.ErrGroundMissing},
			"no reason":    {func(r *fulfilment.Redaction) { r.Reason = " " }, fulfilment.ErrRedactionReason},
			"another text": {func(r *fulfilment.Redaction) { r.Seen = strings.Repeat("0", 64) }, fulfilment.ErrValueChanged},
			"no such row":  {func(r *fulfilment.Redaction) { r.Finding = strings.Repeat("0", 32) }, fulfilment.ErrNoSuchRow},
			"a number":     {func(r *fulfilment.Redaction) { r.Field = "id" }, fulfilment.ErrNotText},
			"gone":         {func(r *fulfilment.Redaction) { r.Group = strings.Repeat("0", 32) }, fulfilment.ErrGroupGone},
			"meanwhile":    {func(r *fulfilment.Redaction) { r.Replaces = strings.Repeat("0", 32) }, store.ErrRedactedMeanwhile},
		} {
			in := note.redacting("Gaven")
			c.change(&in)
			if err := o.works.Redact(t.Context(), o.first, id, in); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := b.Count(t, "SELECT count(*) FROM redaction"); n != 0 {
			t.Errorf("%d were kept all the same", n)
		}
		// Passages beside each other are two, and the end of the text is within it.
		in := note.redacting()
		in.Passages = []fulfilment.Passage{{From: 5, To: length}, {From: 0, To: 5}}
		o.must(o.works.Redact(t.Context(), o.first, id, in))
		erasure := o.file(dsr.Erasure, demo.Neighbour.Email, store.Detail{})
		o.work()
		group := o.view(erasure).Groups[0]
		page, err := o.works.Findings(t.Context(), o.first, erasure, group.ID, "", 1, locale.NB)
		o.must(err)
		in.Group, in.Finding = group.ID, page.Findings[0].ID
		o.is(o.works.Redact(t.Context(), o.first, erasure, in), fulfilment.ErrNotText)
	})
}

// Of many who mark in one text at once, each having seen it as it was, one is heard and the others are told.
func TestACC08RedactionManyAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.file(dsr.Access, demo.Neighbour.Email, store.Detail{})
		o.work()
		note := o.openText(id, "Gaven ble bestilt")
		var all sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			all.Go(func() {
				by := o.first
				if i%2 == 1 {
					by = o.second
				}
				errs[i] = o.works.Redact(t.Context(), by, id, note.redacting([]string{"Gaven", "bestilt", "naboen"}[i%3]))
			})
		}
		all.Wait()
		done := 0
		for _, err := range errs {
			switch {
			case err == nil:
				done++
			case !errors.Is(err, store.ErrRedactedMeanwhile) && !errors.Is(err, store.ErrMoved):
				t.Error(err)
			}
		}
		if n := b.Count(t, "SELECT count(*) FROM redaction"); done != 1 || n != 1 {
			t.Errorf("%d were done and %d kept", done, n)
		}
		if events := b.Count(t, "SELECT count(*) FROM event WHERE kind = 'redacted'"); events != 1 {
			t.Errorf("%d events", events)
		}
	})
}

// What may not be told of is taken out without a mark, and neither copy nor answer tells that it was.
func TestACC08ACC15QuietRedactionLeavesNoMark(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func([]byte) []byte{"a plain text": plainNotes, "a text of others": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
				o := newOffice(t, b)
				o.edit = edit
				id := o.file(dsr.Access, demo.Neighbour.Email, store.Detail{})
				o.work()
				home := o.openText(id, "Er hjemme")
				in := home.redacting(" på dagtid")
				in.Ground = "pol_16_1_b_quiet"
				o.must(o.works.Redact(t.Context(), o.first, id, in))
				seen := o.staffPackage(id, "zip")
				if !strings.Contains(seen, "Er hjemme, ring") || strings.Contains(seen, "[sladdet]") || strings.Contains(seen, "sladdet.") {
					t.Error("the copy tells that something is left out")
				}
				a, err := o.works.Preview(t.Context(), o.first, id)
				o.must(err)
				all, err := json.Marshal(a)
				o.must(err)
				if counted(a, "redacted") != 0 || strings.Contains(string(all), "sladd") {
					t.Errorf("the answer tells of it: %s", all)
				}
			})
		})
	}
}

// Whoever takes a redaction back decided that the text goes out whole, and does not approve that alone where two
// people look.
func TestACC08WhoTakesARedactionBackHasDecided(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.file(dsr.Access, demo.Applicant.Email, store.Detail{})
		o.work()
		text := o.openText(id, "")
		o.must(o.works.Redact(t.Context(), o.first, id, text.redacting(string([]rune(text.Text)[:1]))))
		o.settle(id, "withhold")
		back, err := o.works.ReadText(t.Context(), o.second, id, text.group.ID, text.finding, text.field)
		o.must(err)
		o.must(o.works.TakeBack(t.Context(), o.second, id, back.Standing))
		o.work()
		v := o.view(id)
		if !v.Plan.Special {
			t.Fatal("nothing special is shown")
		}
		o.is(o.works.Approve(t.Context(), o.second, id, v.Plan.Digest, false), dsr.ErrFourEyes)
	})
}

// A portable copy has the text without the passages too, and the evidence tells what was redacted, on which
// ground and by whom: without the reason, unless it is asked for whole. The passages go with the findings.
func TestACC08PortableCopyAndEvidence(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.file(dsr.Portability, demo.MostData.Email, store.Detail{})
		o.work()
		phone := o.openText(id, demo.MostData.Phone)
		o.must(o.works.Redact(t.Context(), o.first, id, phone.redacting(demo.MostData.Phone[3:])))
		o.settle(id, "withhold")
		if seen := o.staffPackage(id, "zip"); !strings.Contains(seen, "+47[sladdet]") {
			t.Error("the portable copy is whole")
		}
		for _, whole := range []bool{false, true} {
			by := o.asker()
			by.Fresh = true
			pack, err := o.desk().Evidence(t.Context(), by, id, whole, "Tilsyn fra Datatilsynet", locale.NB)
			o.must(err)
			files := o.unzip(pack.Body)
			var said struct {
				Redactions []struct {
					Field, Ground, Role, Reason, Leaf string
					Passages                          int
				}
			}
			o.must(json.Unmarshal(files["evidence.json"], &said))
			if len(said.Redactions) != 1 {
				t.Fatalf("%+v", said)
			}
			r := said.Redactions[0]
			if r.Field != phone.field || r.Ground != "art_15_4" || r.Role == "" || r.Leaf == "" || r.Passages != 1 || (r.Reason == "Gjelder naboen") != whole {
				t.Errorf("whole %v: %+v", whole, r)
			}
			if page := string(files["bevis.html"]); !strings.Contains(page, "Sladdet i tekster") || strings.Contains(page, "Gjelder naboen") != whole {
				t.Errorf("whole %v: the page does not tell of it", whole)
			}
		}
		o.must(o.desk().RecordWithdrawal(t.Context(), o.asker(), id, "Ringte"))
		b.Clock.Advance(400 * 24 * time.Hour)
		o.must(o.works.PurgeEvidence(t.Context()))
		o.tx(func(tx *store.Tx) error {
			r, err := tx.ReadRequest(id)
			o.must(err)
			list, err := tx.Redactions(r)
			if err != nil || len(list) != 1 || list[0].Body.Reveal() != "" || list[0].Reason.Reveal() == "" {
				return fmt.Errorf("after the purge %d, %w", len(list), err)
			}
			return nil
		})
		o.view(id)
	})
}

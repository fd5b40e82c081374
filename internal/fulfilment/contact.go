package fulfilment

import (
	"context"
	"fmt"
	"slices"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/staff"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// JobSendChallenge mails a code; package access works it.
const JobSendChallenge = "send_challenge"

// contactMails is how many mails about one identifier may be waiting for an answer at once.
const contactMails = 3

// Faults of asking a contact that is on file.
var (
	ErrNoContactOnFile = fault.Define(fault.Conflict, "no_contact_on_file",
		"Det er ingen e-postadresse å spørre på i det denne opplysningen leder til. Bekreft den på en annen måte, og skriv hvordan.",
		"Det er inga e-postadresse å spørje på i det denne opplysninga leier til. Stadfest henne på ein annan måte, og skriv korleis.",
		"What this leads to holds no e-mail address to ask. Confirm it in another way, and write how.")
	ErrSeveralContacts = fault.Define(fault.Conflict, "several_contacts_on_file",
		"Denne opplysningen leder til flere e-postadresser. Da viser ikke et svar hvem den tilhører. Bekreft den på en annen måte, og skriv hvordan.",
		"Denne opplysninga leier til fleire e-postadresser. Då viser ikkje eit svar kven ho høyrer til. Stadfest henne på ein annan måte, og skriv korleis.",
		"This leads to several e-mail addresses, so that a reply would not show whose it is. Confirm it in another way, and write how.")
	ErrContactAsked = fault.Define(fault.Conflict, "contact_asked_already",
		"Vi har nettopp sendt en kode dit. Vent på svar før du sender en ny.",
		"Vi har nettopp sendt ein kode dit. Vent på svar før du sender ein ny.",
		"A code has just been sent there. Wait for a reply before you send another.")
)

// AskContact mails a code to the e-mail address that is on file where a candidate leads, so that
// whoever reads that mailbox can say that the case is theirs. The address is the one that stands in
// the very row that holds the candidate (for a candidate that is an address: that address itself);
// where there are several, a reply would show nothing. Neither the office nor the person who asked
// is told the address.
func (w *Works) AskContact(ctx context.Context, by By, id, identifier string) error {
	asked, err := w.candidate(ctx, by, id, identifier)
	if err != nil {
		return err
	}
	address, err := w.onFile(ctx, id, asked)
	if err != nil {
		return unavailable(err)
	}
	return w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		if err := askable(r); err != nil {
			return err
		}
		if _, err := candidateOf(tx, r, identifier); err != nil {
			return err
		}
		object := store.ContactObject(r.PublicID, identifier)
		open, err := tx.OpenChallenges(store.ContactFlow(), verification.ConfirmContact, object, contactMails)
		if err != nil {
			return err
		}
		if len(open) >= contactMails || len(open) > 0 && tx.Now.Sub(open[0].CreatedAt) < verification.ResendEvery {
			return ErrContactAsked
		}
		c, err := tx.AddChallenge(store.NewChallenge{Purpose: verification.ConfirmContact, Object: object, Locale: r.Locale, Address: address,
			FlowHash: store.ContactFlow(), ExpiresAt: tx.Now.Add(verification.ConfirmContact.Spec().TTL)})
		if err != nil {
			return err
		}
		if err := tx.Enqueue(job.Spec{Kind: JobSendChallenge, Key: fmt.Sprintf("%s/%s/%d", JobSendChallenge, c.PublicID, c.Sends), Object: c.PublicID}); err != nil {
			return err
		}
		e := dsr.Event{Kind: dsr.EventNoted, Actor: by.actor(), Data: dsr.EventData{Code: "contact_asked"}}
		return tx.Act(r, e, store.Change{Role: by.role()})
	})
}

// askable: the sources are read for nobody whose identity nobody has established, and nobody is asked
// when what the reply leads to would come too late for the answer.
func askable(r *store.Request) error {
	switch {
	case !r.P.Verified:
		return dsr.ErrNotVerified
	case !searchable(r):
		return dsr.ErrTransition
	}
	return nil
}

func candidateOf(tx *store.Tx, r *store.Request, identifier string) (store.Identifier, error) {
	all, err := tx.Identifiers(r)
	if err != nil {
		return store.Identifier{}, err
	}
	i := slices.IndexFunc(all, func(one store.Identifier) bool { return one.PublicID == identifier && one.Certainty == store.Candidate })
	if i < 0 {
		return store.Identifier{}, store.ErrIdentifierDecided
	}
	return all[i], nil
}

func (w *Works) candidate(ctx context.Context, by By, id, identifier string) (store.Identifier, error) {
	var asked store.Identifier
	err := w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) (err error) {
		if err := askable(r); err != nil {
			return err
		}
		if r.Drill {
			return ErrNoContactOnFile // who is invented has no mailbox
		}
		asked, err = candidateOf(tx, r, identifier)
		return err
	})
	return asked, err
}

// onFile gives the one e-mail address that stands where an identifier stands.
func (w *Works) onFile(ctx context.Context, id string, asked store.Identifier) (dsr.Address, error) {
	// An IP address or a name leads to too many people to be a contact on file.
	if !slices.Contains(seedKinds, asked.Kind) || asked.Kind == engine.IPAddress || asked.Kind == engine.Name {
		return dsr.Address{}, ErrNoContactOnFile
	}
	conns, err := w.Open(ctx, job.Job{Object: id})
	if err != nil {
		return dsr.Address{}, fmt.Errorf("connecting the sources: %w", err)
	}
	defer conns.close()
	held := contacts{asked: asked}
	seed := []engine.Seed{{Kind: asked.Kind, Value: asked.Value.Reveal()}}
	report, err := engine.Walk(ctx, conns.Sources, seed, engine.Options{Canonical: canonical(), TempDir: w.TempDir, KeepForeign: true}, held.take)
	if err != nil {
		return dsr.Address{}, fmt.Errorf("looking for a contact on file: %w", err)
	}
	switch {
	case report.Incomplete:
		return dsr.Address{}, ErrSourceDown
	case len(held.found) == 0 && !held.others:
		return dsr.Address{}, ErrNoContactOnFile
	case len(held.found) > 1 || held.others:
		return dsr.Address{}, ErrSeveralContacts
	}
	return held.found[0], nil
}

// contacts collects the e-mail addresses of the rows that an identifier stands in.
type contacts struct {
	asked  store.Identifier
	found  []dsr.Address
	others bool // an address stands there that is known to be another person's
}

var emailCategory = []string{"user.contact.email"}

func (c *contacts) take(f *engine.Finding) error {
	if !f.Matched || f.OtherPerson {
		return nil
	}
	for i := range f.Fields {
		v := &f.Fields[i]
		if v.ThirdParty || v.Value.IsNull() || v.Identity != engine.Email && !dataset.CoversAny(emailCategory, v.Categories) {
			continue
		}
		address, err := dsr.ParseAddress(v.Value.Text())
		if err != nil || c.asked.Kind == engine.Email && address.Canonical != c.asked.Value.Reveal() {
			continue
		}
		c.others = c.others || v.Foreign
		if !slices.ContainsFunc(c.found, func(have dsr.Address) bool { return have.Canonical == address.Canonical }) {
			c.found = append(c.found, address)
		}
	}
	return nil
}

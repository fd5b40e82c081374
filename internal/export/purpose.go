package export

import (
	"fmt"
	"slices"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

// ControllerOf takes the controller's facts out of the register.
func ControllerOf(c register.Controller) Controller {
	return Controller{Name: c.Name, OrganisationNo: c.OrganisationNo, Address: c.PostalAddress,
		Email: c.Email, Phone: c.Phone, DPO: c.DPO}
}

// PersonOf is the person with the lines of a postal address.
func PersonOf(name, postal string) Person {
	p := Person{Name: name}
	if postal != "" {
		p.Address = strings.Split(postal, "\n")
	}
	return p
}

// PurposeOf puts an activity of the register in words: everything but tables, notes and the
// computed end. Data of no known activity (nil) get a purpose that says so.
func PurposeOf(a *register.Activity, l locale.Locale) Purpose {
	if a == nil {
		return Purpose{ID: "other", Name: texts["other_purpose"].In(l), Purpose: texts["other_purpose_text"].In(l), Unplaced: true}
	}
	// The notice and the answer must never say different things, so both have one source.
	s := register.NewNotice(&register.Register{Activities: []register.Activity{*a}}, l, 0, dsr.Date{}).Sections[0]
	p := Purpose{ID: a.ID, Name: s.Title, Purpose: s.Purpose, Bases: s.Bases, Categories: s.Categories,
		Sources: s.Sources, Storage: Storage{System: s.System, Country: s.Country, Protection: s.Protection},
		Retention: s.Retention, Automated: s.Automated, NoAutomated: a.NoAutomated, Alone: a.NoRecipients}
	for i, r := range s.Recipients {
		p.Recipients = append(p.Recipients, Recipient{Name: r.Name, Role: a.Recipients[i].Role, Country: r.Country,
			Safeguard: r.Safeguard, Why: r.Why})
	}
	for _, right := range s.Rights {
		// The person holds the answer to this one.
		if right != dsr.Access {
			p.Rights = append(p.Rights, right.Row().Name.In(l))
		}
	}
	if s.Withdraw {
		p.Rights = append(p.Rights, texts["withdraw"].In(l))
	}
	return p
}

// withDefaults fills the paragraphs that the caller left to us.
func withDefaults(p *Package) *Package {
	c := *p
	if _, ok := locale.Parse(string(c.Locale)); !ok {
		c.Locale = locale.NB
	}
	c.Summary = orElse(c.Summary, func() []string { return c.shortAnswer() })
	c.Identity = orElse(c.Identity, fixed(c.Locale, "identity_none"))
	c.Transfers = orElse(c.Transfers, func() []string { return Transfers(c.Purposes, c.Locale) })
	c.Automated = orElse(c.Automated, func() []string { return Automated(c.Purposes, c.Locale) })
	c.Rights = orElse(c.Rights, fixed(c.Locale, "rights_1", "rights_2"))
	c.Complaint = orElse(c.Complaint, func() []string { return []string{register.Complaint(c.Locale).Paragraph} })
	c.Glossary = slices.Concat(c.Glossary, fixedTerms(c.Locale))
	return &c
}

func orElse(given []string, make func() []string) []string {
	if len(given) > 0 {
		return given
	}
	return make()
}

func fixed(l locale.Locale, keys ...string) func() []string {
	return func() []string {
		var all []string
		for _, k := range keys {
			all = append(all, texts[k].In(l))
		}
		return all
	}
}

// shortAnswer confirms whether data are processed (Art. 15(1)): "no" is an answer too.
func (p *Package) shortAnswer() []string {
	key := "answer_no"
	if len(p.Purposes) > 0 || len(p.Attachments) > 0 || len(p.Withheld) > 0 {
		key = "answer_yes"
	}
	return fixed(p.Locale, key)()
}

// Transfers names everybody outside the EEA who gets or keeps the data (Art. 15(2)).
func Transfers(purposes []Purpose, l locale.Locale) []string {
	var all []string
	add := func(line string) {
		if !slices.Contains(all, line) {
			all = append(all, line)
		}
	}
	for i := range purposes {
		purpose := &purposes[i]
		if register.OutsideEEA(purpose.Storage.Country) {
			add(purpose.Storage.System + " (" + locale.Country(purpose.Storage.Country, l) + ")")
		}
		for _, r := range purpose.Recipients {
			if !register.OutsideEEA(r.Country) {
				continue
			}
			guard := r.Safeguard
			if guard == "" {
				guard = texts["safeguard_unknown"].In(l)
			}
			add(fmt.Sprintf("%s (%s): %s", r.Name, locale.Country(r.Country, l), guard))
		}
	}
	if len(all) == 0 {
		return fixed(l, "transfers_none")()
	}
	return append(all, texts["transfers_copy"].In(l))
}

// Automated tells the logic of decisions that nobody takes part in, by purpose (Art. 15(1)(h)). That there
// are none is said only where the register says so.
func Automated(purposes []Purpose, l locale.Locale) []string {
	var all, unsaid []string
	for i := range purposes {
		if a := purposes[i].Automated; a != "" {
			all = append(all, purposes[i].Name+": "+a)
		} else if !purposes[i].NoAutomated {
			unsaid = append(unsaid, purposes[i].Name)
		}
	}
	switch {
	case len(purposes) == 0:
		return fixed(l, "automated_none")()
	case len(all) == 0 || len(unsaid) > 0:
		return append(all, register.NotAutomated(unsaid, l))
	}
	return all
}

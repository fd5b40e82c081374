package casework

import (
	"strings"

	"mininfo/internal/fault"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

// ErrJoint: whoever decides together with others about some processing is its controller, whichever of them
// was meant (Art. 26(3)).
var ErrJoint = fault.Define(fault.Conflict, "joint_controller",
	"Dere er felles behandlingsansvarlige for dette. Personen kan velge hvem av dere som skal svare, så kravet kan ikke avslås av den grunn (artikkel 26 nr. 3).",
	"De er felles behandlingsansvarlege for dette. Personen kan velje kven av dykk som skal svare, så kravet kan ikkje avslåast av den grunnen (artikkel 26 nr. 3).",
	"You are joint controllers of this. The person may choose which of you answers, so the request cannot be refused on that ground (Art. 26(3)).")

var textJoint = text("Det kravet gjelder, er dere felles behandlingsansvarlige for: %s. Personen kan bruke rettighetene sine overfor hvem som helst av dere (artikkel 26 nr. 3). Behandle kravet også om det var ment for en annen, og bli enige om hvem som svarer. Fristen løper.",
	"Det kravet gjeld, er de felles behandlingsansvarlege for: %s. Personen kan bruke rettane sine overfor kven som helst av dykk (artikkel 26 nr. 3). Behandle kravet også om det var meint for ein annan, og bli samde om kven som svarer. Fristen går.",
	"You are joint controllers of what the request is about: %s. The person may use their rights towards any of you (Art. 26(3)). Handle the request even if it was meant for another, and agree on who answers. The clock is running.")

// jointIn gives who decides together with this controller about what a request is about.
func jointIn(tx *store.Tx, r *store.Request) ([]register.Joint, error) {
	reg, err := registerOf(tx, r.Controller, r.RegisterVersion)
	if err != nil {
		return nil, err
	}
	return reg.JointIn(r.Detail.Activities), nil
}

// noteJoint leaves the office a note on a case of which others are controllers too.
func noteJoint(tx *store.Tx, r *store.Request) error {
	joint, err := jointIn(tx, r)
	if len(joint) == 0 {
		return err
	}
	names := make([]string, len(joint))
	for i, j := range joint {
		if names[i] = j.Name; j.Contact != "" {
			names[i] += " (" + j.Contact + ")"
		}
	}
	return tx.Note(r, textJoint.With(strings.Join(names, ", ")))
}

// notJoint refuses a refusal that says another is the controller, where both are.
func notJoint(tx *store.Tx, r *store.Request, ground string) error {
	if ground != groundNotController {
		return nil
	}
	joint, err := jointIn(tx, r)
	if err != nil || len(joint) == 0 {
		return err
	}
	return ErrJoint.At("/ground")
}

package governance

import (
	"context"
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
	"mininfo/internal/source"
	"mininfo/internal/store"
)

// Restored is what a source is remembered by that holds rows again which were erased: an old backup
// of it was restored.
const Restored = "restored"

// How long a look for erased rows may take: it reads the keys of the tables that the ledger names.
// Somebody who waits for an answer is told when it was not enough; the daily look has time.
const (
	restoredPatience = 20 * time.Second
	restoredBudget   = 15 * time.Minute
)

// restored looks for rows that the ledger says were erased, and tells what the source is to be
// remembered by: whoever could not look leaves it as it was.
func (o *Office) restored(ctx context.Context, l *look, s store.Source, opened source.Source, sets []*dataset.Dataset) bool {
	var ledger *engine.Ledger
	err := o.Store.Read(ctx, func(tx *store.Tx) (err error) {
		ledger, err = tx.Ledger(s.Name)
		return err
	})
	if err == nil && ledger.Rows() == 0 {
		return false
	}
	rows := 0
	if err == nil {
		limited, cancel := context.WithTimeout(ctx, l.patience)
		rows, err = engine.Resurrected(limited, engine.Connected{Source: opened, Datasets: sets}, ledger)
		cancel()
	}
	if err != nil {
		l.say(LevelWarn, text("Vi rakk ikke å se etter om noe som er slettet, er kommet tilbake. Den daglige kontrollen ser etter.",
			"Vi rakk ikkje å sjå etter om noko som er sletta, er kome tilbake. Den daglege kontrollen ser etter.",
			"There was no time to see whether anything that was erased has come back. The daily check does."))
		return s.StateCode == Restored
	}
	if rows == 0 {
		return false
	}
	l.say(LevelWarn, text(
		"Rader som ble slettet eller anonymisert, er her igjen: %d. Er en gammel sikkerhetskopi lagt tilbake, så slett dem på nytt på serveren: mininfo source replay-erasures --source \"%s\"",
		"Rader som vart sletta eller anonymiserte, er her igjen: %d. Er ein gammal tryggingskopi lagd tilbake, så slett dei på nytt på tenaren: mininfo source replay-erasures --source \"%s\"",
		"Rows that were erased or made anonymous are here again: %d. If an old backup was restored, erase them again on the server: mininfo source replay-erasures --source \"%s\""),
		rows, s.Name)
	return true
}

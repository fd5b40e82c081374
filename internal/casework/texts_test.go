package casework

import (
	"testing"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/store"
)

// TestUI03TextsAreComplete: every sentence exists in all three languages.
func TestUI03TextsAreComplete(t *testing.T) {
	t.Parallel()
	all := map[string]locale.Text{}
	add := func(kind string, texts map[string]locale.Text) {
		for name, text := range texts {
			all[kind+" "+name] = text
		}
	}
	add("method", methods)
	add("note", noteCodes)
	add("action", actionWords)
	add("stop", stops)
	all["unknown stop"] = needsHumanText("something new")
	for kind, e := range eventTexts {
		all["event "+string(kind)] = e.words
	}
	for kind, text := range officeTexts {
		all["office event "+string(kind)] = text
		if eventTexts[kind].words.IsZero() {
			t.Errorf("event %s has words for the office alone", kind)
		}
	}
	for _, row := range dsr.States() {
		all["next "+string(row.State)] = next(&store.Request{P: dsr.Projection{State: row.State}})
		all["next verified "+string(row.State)] = next(&store.Request{P: dsr.Projection{State: row.State, Verified: true}})
	}
	for name, text := range all {
		if !text.Complete() {
			t.Errorf("%s: %+v", name, text)
		}
	}
}

// TestEveryEventHasWords: nothing happens that the log cannot tell.
func TestEveryEventHasWords(t *testing.T) {
	t.Parallel()
	for _, kind := range []dsr.EventKind{
		dsr.EventReceived, dsr.EventVerified, dsr.EventCollectStarted, dsr.EventCollected, dsr.EventReopened, dsr.EventQuestionAsked,
		dsr.EventQuestionAnswered, dsr.EventExtended, dsr.EventReceiptCorrected, dsr.EventDecided, dsr.EventPlanned, dsr.EventLookedOver,
		dsr.EventApproved, dsr.EventExecutionStarted, dsr.EventExecuted, dsr.EventDrifted, dsr.EventAnswered, dsr.EventRefused,
		dsr.EventNothingFound, dsr.EventWithdrawn, dsr.EventParked, dsr.EventResumed, dsr.EventPurged, dsr.EventMessage, dsr.EventAssigned,
		dsr.EventPackageReady, dsr.EventDownloaded, dsr.EventCopyErased, dsr.EventReminded, dsr.EventNoted, dsr.EventSourceChecked, dsr.EventRedacted,
	} {
		for _, office := range []bool{true, false} {
			for _, actor := range []dsr.ActorKind{dsr.Person, dsr.Member} {
				e := store.Event{Event: dsr.Event{Kind: kind, Actor: dsr.Actor{Kind: actor}}}
				if text, _ := eventText(&store.Request{}, e, office); !text.Complete() {
					t.Errorf("%s, office %v: %+v", kind, office, text)
				}
			}
		}
	}
}

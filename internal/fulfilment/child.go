package fulfilment

import "mininfo/internal/dsr"

// What an answer begins with when the person is a child: short sentences and words of every day
// (Art. 12(1)).
var childOpenings = map[dsr.Right]openingWords{
	dsr.Access: {
		title: text("Dette vet vi om deg", "Dette veit vi om deg", "This is what we know about you"),
		all: text("Du spurte hva vi vet om deg. Her er alt sammen.", "Du spurde kva vi veit om deg. Her er alt saman.",
			"You asked what we know about you. Here is all of it."),
		part: text("Du spurte hva vi vet om deg. Her er det meste. Noe kan vi ikke vise. Under står hva det er, og hvorfor.",
			"Du spurde kva vi veit om deg. Her er det meste. Noko kan vi ikkje vise. Under står kva det er, og kvifor.",
			"You asked what we know about you. Here is most of it. Some of it we cannot show. Below it says what that is, and why."),
		none: text("Du spurte hva vi vet om deg. Vi vet noe, men vi kan ikke vise det. Under står hvorfor.",
			"Du spurde kva vi veit om deg. Vi veit noko, men vi kan ikkje vise det. Under står kvifor.",
			"You asked what we know about you. We know something, but we cannot show it. Below it says why."),
	},
	dsr.Rectification: {
		title:     text("Vi har rettet det som var feil", "Vi har retta det som var feil", "We have corrected what was wrong"),
		partTitle: text("Vi har rettet noe av det", "Vi har retta noko av det", "We have corrected some of it"),
		all:       text("Du sa fra om noe som var feil. Nå er det rett.", "Du sa frå om noko som var feil. No er det rett.", "You told us that something was wrong. Now it is right."),
		part: text("Du sa fra om noe som var feil. Noe er rettet nå. Noe er ikke rettet. Under står hva det er, og hvorfor.",
			"Du sa frå om noko som var feil. Noko er retta no. Noko er ikkje retta. Under står kva det er, og kvifor.",
			"You told us that something was wrong. Some of it is corrected now. Some of it is not. Below it says what that is, and why."),
		none: text("Du sa fra om noe du mener er feil. Vi har ikke endret det. Under står hvorfor.", "Du sa frå om noko du meiner er feil. Vi har ikkje endra det. Under står kvifor.",
			"You told us about something you think is wrong. We have not changed it. Below it says why."),
	},
	dsr.Erasure: {
		title:     text("Vi har slettet det vi hadde om deg", "Vi har sletta det vi hadde om deg", "We have deleted what we had about you"),
		partTitle: text("Vi har slettet det vi kan", "Vi har sletta det vi kan", "We have deleted what we can"),
		all:       text("Du ba oss slette det vi hadde om deg. Nå er det borte.", "Du bad oss slette det vi hadde om deg. No er det borte.", "You asked us to delete what we had about you. Now it is gone."),
		part: text("Du ba oss slette det vi hadde om deg. Det meste er borte nå. Noe må vi ta vare på. Under står hva det er, hvorfor og hvor lenge.",
			"Du bad oss slette det vi hadde om deg. Det meste er borte no. Noko må vi ta vare på. Under står kva det er, kvifor og kor lenge.",
			"You asked us to delete what we had about you. Most of it is gone now. Some of it we must keep. Below it says what that is, why and for how long."),
		none: text("Du ba oss slette det vi har om deg. Det kan vi ikke nå. Under står hvorfor, og hvor lenge vi tar vare på det.",
			"Du bad oss slette det vi har om deg. Det kan vi ikkje no. Under står kvifor, og kor lenge vi tek vare på det.",
			"You asked us to delete what we have about you. We cannot do that now. Below it says why, and for how long we keep it."),
	},
}

var textChildHelp = text("Er det noe du ikke forstår, eller synes du noe er galt? Skriv til oss i saken, så forklarer vi. Du kan også spørre en voksen du stoler på.",
	"Er det noko du ikkje forstår, eller synest du noko er gale? Skriv til oss i saka, så forklarer vi. Du kan òg spørje ein vaksen du stoler på.",
	"Is there something you do not understand, or do you think something is wrong? Write to us in the case and we will explain. You can also ask a grown-up you trust.")

var textChildNothing = text("Vi har lett, men vi vet ingenting om deg.", "Vi har leitt, men vi veit ingenting om deg.", "We have looked, but we know nothing about you.")

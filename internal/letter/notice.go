package letter

import (
	"fmt"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

// The letters that are written while a case goes on. They have the form of an answer, but end nothing;
// what they tell stands in Told, part by part.
const (
	Receipt          Kind = "receipt"           // Art. 12(1)
	IdentityQuestion Kind = "identity_question" // Art. 12(6)
	Clarification    Kind = "clarification"     // recital 63
	Extension        Kind = "extension"         // Art. 12(3)
	FeeWarning       Kind = "fee_warning"       // Art. 12(5), 15(3)
	Restricting      Kind = "restricting"       // Art. 18(1): while something is looked into
	Lifting          Kind = "lifting"           // Art. 18(3)
	AnswerCorrection Kind = "answer_correction" // of an answer that was sent: what was wrong, and what is right
	PartialAnswer    Kind = "partial_answer"    // Art. 12(3), 15: what is ready before the rest
)

// The parts of letters that end nothing.
const (
	Understood Part = "understood" // what was understood of the request
	Next       Part = "next"       // when the answer comes
	Doubt      Part = "doubt"      // why it is not certain who asks
	Enough     Part = "enough"     // what is enough, and what can be given instead
	Masking    Part = "masking"    // what to cover of a document
	Clock      Part = "clock"      // whether the time limit is paused, and from when
	Everything Part = "everything" // that one may still ask for all of it
	Processing Part = "processing" // what kinds of processing there are
	Because    Part = "because"    // why, in this case
	Amount     Part = "amount"     // what the fee is, and what it covers
	Instead    Part = "instead"    // how to pay none
	From       Part = "from"       // the new date, or the date on which a restriction begins or ends
	Restricted Part = "restricted" // what is only stored
	Wrong      Part = "wrong"      // what was wrong or missing in an answer
	Righted    Part = "right"      // what is right
	Missing    Part = "missing"    // what of the answer follows later
	Meaning    Part = "meaning"    // what that means, and that one is told before it ends
)

// Ends tells whether the letter answers the request.
func (k Kind) Ends() bool {
	switch k {
	case Receipt, IdentityQuestion, Clarification, Extension, FeeWarning, Restricting, Lifting, PartialAnswer, AnswerCorrection:
		return false
	}
	return true
}

// NewReceipt confirms a request: what was understood of it, and when it is answered at the latest.
func NewReceipt(l locale.Locale, understood []string, due dsr.Date) Answer {
	return notice(l, noticeTexts["receipt"], map[Part][]string{
		Understood: understood,
		Next:       {fmt.Sprintf(noticeTexts["receipt_next"].In(l), due.Format(l)), noticeTexts["receipt_free"].In(l)},
	})
}

// NewIdentityQuestion asks who the person is, and says why that is in doubt. paused is the day from
// which the time limit stands; zero: it runs on.
func NewIdentityQuestion(l locale.Locale, question, doubt string, paused dsr.Date) Answer {
	a := notice(l, noticeTexts["identity"], map[Part][]string{
		Doubt:   {doubt},
		Enough:  {noticeTexts["enough"].In(l), noticeTexts["instead"].In(l)},
		Masking: {noticeTexts["masking"].In(l)},
		Clock:   {clock(l, paused)},
	})
	a.Paragraphs = []string{question}
	return a
}

// NewClarification asks what the person means; it never asks them to want less.
func NewClarification(l locale.Locale, question string, processing []string, paused dsr.Date) Answer {
	a := notice(l, noticeTexts["clarification"], map[Part][]string{
		Everything: {noticeTexts["everything"].In(l)},
		Processing: processing,
		Clock:      {clock(l, paused)},
	})
	a.Paragraphs = []string{question}
	return a
}

// NewExtension tells the new time limit and why there is need of it: the grounds, and the reason in this
// case.
func NewExtension(l locale.Locale, grounds []string, reason string, before, until dsr.Date) Answer {
	return notice(l, noticeTexts["extension"], map[Part][]string{
		Because: append(lines(grounds...), reason),
		From:    {fmt.Sprintf(noticeTexts["new_date"].In(l), until.Format(l), before.Format(l)), noticeTexts["whole_then"].In(l)},
	})
}

// NewFeeWarning tells of a fee before there is any work: why, in this case and by which provision, how many kroner and
// what they cover, and how to pay none. Nothing of it pauses the time limit.
func NewFeeWarning(l locale.Locale, law, why string, kroner int, covers string) Answer {
	return notice(l, noticeTexts["fee"], map[Part][]string{
		Because: {why, fmt.Sprintf(noticeTexts["law"].In(l), law)},
		Amount:  {fmt.Sprintf(noticeTexts["fee_amount"].In(l), kroner), covers},
		Instead: {noticeTexts["fee_instead"].In(l), noticeTexts["clock_runs"].In(l)},
	})
}

// NewRestricting tells that data are only stored from a day on: which, on what ground, and what that means.
func NewRestricting(l locale.Locale, what []string, why, law string, from dsr.Date) Answer {
	return notice(l, noticeTexts["restricting"], map[Part][]string{
		Restricted: what,
		Because:    {why, fmt.Sprintf(noticeTexts["law"].In(l), law)},
		From:       {RestrictedFrom(l, from, from)},
		Meaning:    {register.OnlyStored().In(l)},
	})
}

// RestrictedFrom says since when data are only stored: from one day, or from a first to a last.
func RestrictedFrom(l locale.Locale, first, last dsr.Date) string {
	if first == last {
		return fmt.Sprintf(noticeTexts["restricted_from"].In(l), first.Format(l))
	}
	return fmt.Sprintf(noticeTexts["restricted_between"].In(l), first.Format(l), last.Format(l))
}

// NewLifting tells, before it happens, that what was restricted will be used again.
func NewLifting(l locale.Locale, reason string, from dsr.Date) Answer {
	return notice(l, noticeTexts["lifting"], map[Part][]string{
		Because: {reason},
		From:    {fmt.Sprintf(noticeTexts["lifted_from"].In(l), from.Format(l)), noticeTexts["lifted_reply"].In(l)},
	})
}

// NewPartialAnswer gives a part of an answer before the rest: what is missing, why, and by when it comes. A due day that
// has passed is said to have.
func NewPartialAnswer(l locale.Locale, missing []string, reason string, due, today dsr.Date) Answer {
	from := "part_by"
	if due.Before(today) {
		from = "part_late"
	}
	a := notice(l, noticeTexts["part"], map[Part][]string{
		Missing: missing,
		Because: lines(reason),
		From:    {fmt.Sprintf(noticeTexts[from].In(l), due.Format(l)), noticeTexts["part_last"].In(l)},
	})
	a.Later = []string{fmt.Sprintf(noticeTexts["part_is"].In(l), a.Told[From][0])}
	return a
}

// NewAnswerCorrection corrects an answer of a day: what was wrong or missing in it, what is right, and why. again is the
// reference of a case in which the answer is given anew, or empty.
func NewAnswerCorrection(l locale.Locale, answered dsr.Date, wrong, right, reason, again string) Answer {
	a := notice(l, noticeTexts["correction"], map[Part][]string{Wrong: lines(wrong), Righted: lines(right), Because: lines(reason)})
	a.Paragraphs = []string{fmt.Sprintf(noticeTexts["correction"].In(l), answered.Format(l))}
	if again != "" {
		a.Told[Next] = []string{fmt.Sprintf(noticeTexts["correction_again"].In(l), again)}
	}
	return a
}

// Completes says of an answer which parts of it went before, by their days.
func Completes(l locale.Locale, sent []dsr.Date) string {
	days := make([]string, len(sent))
	for i, d := range sent {
		days[i] = d.Format(l)
	}
	return fmt.Sprintf(noticeTexts["completes"].In(l), strings.Join(days, ", "))
}

func notice(l locale.Locale, t opening, told map[Part][]string) Answer {
	return Answer{Locale: l, Title: t.title.In(l), Paragraphs: []string{t.In(l)}, Told: told,
		Complaint: []string{register.Complaint(l).Paragraph}}
}

func clock(l locale.Locale, paused dsr.Date) string {
	if paused.IsZero() {
		return noticeTexts["clock_runs"].In(l)
	}
	return fmt.Sprintf(noticeTexts["clock_paused"].In(l), paused.Format(l))
}

// opening is the first sentence of a letter, with its title.
type opening struct {
	locale.Text
	title locale.Text
}

var noticeTexts = map[string]opening{
	"receipt": {text("Vi har fått kravet ditt og har begynt på det.", "Vi har fått kravet ditt og har byrja på det.", "We have received your request and started on it."),
		text("Vi har mottatt kravet ditt", "Vi har fått kravet ditt", "We have received your request")},
	"receipt_next": {Text: text("Du får svar senest %s.", "Du får svar seinast %s.", "You will get an answer by %s.")},
	"receipt_free": {Text: text("Det er gratis. Er noe feil, eller vil du legge til noe, så skriv til oss i saken.",
		"Det er gratis. Er noko feil, eller vil du leggje til noko, så skriv til oss i saka.",
		"It is free of charge. If something is wrong, or you want to add something, write to us in the case.")},
	"identity": {title: text("Vi må vite hvem du er", "Vi må vite kven du er", "We need to know who you are")},
	"enough": {Text: text("Vi trenger bare nok til å vite at det er du som spør. Du kan svare på spørsmålet i saken din.",
		"Vi treng berre nok til å vite at det er du som spør. Du kan svare på spørsmålet i saka di.",
		"We only need enough to know that it is you who asks. You can reply to the question in your case.")},
	"instead": {Text: text("Kan du ikke svare på det vi spør om, kan du i stedet møte opp hos oss, skrive fra en adresse vi kjenner, eller foreslå en annen måte.",
		"Kan du ikkje svare på det vi spør om, kan du i staden møte opp hos oss, skrive frå ei adresse vi kjenner, eller føreslå ein annan måte.",
		"If you cannot give what we ask for, you can come to us in person, write from an address that we know, or suggest another way.")},
	"masking": {Text: text("Ikke send kopi av legitimasjon med mindre vi ber om det. Sender du en, dekker du over bilde, fødselsnummer og alt annet enn navnet. Vi sletter den når vi har sett på den.",
		"Ikkje send kopi av legitimasjon med mindre vi bed om det. Sender du ein, dekkjer du over bilete, fødselsnummer og alt anna enn namnet. Vi slettar han når vi har sett på han.",
		"Do not send a copy of an identity document unless we ask for it. If you send one, cover the picture, the national identity number and everything but the name. We erase it when we have looked at it.")},
	"clock_paused": {Text: text("Fristen er stanset midlertidig fra %s, og går videre når du har svart.",
		"Fristen er mellombels stansa frå %s, og går vidare når du har svara.",
		"The clock is paused from %s, and goes on when you have replied.")},
	"clock_runs":    {Text: text("Fristen går mens vi venter på svar fra deg.", "Fristen går medan vi ventar på svar frå deg.", "The time limit runs while we wait for your reply.")},
	"clarification": {title: text("Vi trenger å vite mer om hva du ønsker", "Vi treng å vite meir om kva du ønskjer", "We need to know more about what you want")},
	"everything": {Text: text("Du kan fortsatt be om alt. Da svarer du bare «alt».", "Du kan framleis be om alt. Då svarer du berre «alt».",
		"You may still ask for everything. Then just reply “everything”.")},
	"extension": {text("Vi trenger lengre tid på å svare deg.", "Vi treng lengre tid på å svare deg.", "We need more time to answer you."),
		text("Vi trenger lengre tid", "Vi treng lengre tid", "We need more time")},
	"new_date": {Text: text("Du får svar senest %s. Den første fristen var %s.", "Du får svar seinast %s. Den første fristen var %s.",
		"You will get an answer by %s. The first time limit was %s.")},
	"whole_then": {Text: text("Du får hele svaret samlet da.", "Du får heile svaret samla då.", "You get the whole answer then, at once.")},
	"fee": {text("Vi kommer til å kreve et gebyr for dette kravet. Vi sier fra før vi begynner på arbeidet.",
		"Vi kjem til å krevje eit gebyr for dette kravet. Vi seier frå før vi byrjar på arbeidet.",
		"We will charge a fee for this request. We tell you before we start on the work."),
		text("Dette kravet vil koste et gebyr", "Dette kravet vil koste eit gebyr", "There will be a fee for this request")},
	"fee_amount": {Text: text("Gebyret er %d kroner. Det dekker bare administrasjonskostnadene våre:",
		"Gebyret er %d kroner. Det dekkjer berre administrasjonskostnadene våre:", "The fee is NOK %d. It covers only our administrative costs:")},
	"fee_instead": {Text: text("Du kan be om mindre, eller trekke kravet. Da betaler du ikke noe. Svar på denne meldingen.",
		"Du kan be om mindre, eller trekkje kravet. Då betaler du ikkje noko. Svar på denne meldinga.",
		"You can ask for less, or withdraw the request. Then you pay nothing. Reply to this message.")},
	"restricting": {text("Noen av opplysningene om deg lagrer vi bare. Vi bruker dem ikke mens vi ser på saken din.",
		"Nokre av opplysningane om deg lagrar vi berre. Vi bruker dei ikkje medan vi ser på saka di.",
		"Some of the data about you we only store. We do not use them while we look into your case."),
		text("Opplysninger er begrenset", "Opplysningar er avgrensa", "Data are restricted")},
	"law":             {Text: text("Dette følger av personvernforordningen %s.", "Dette følgjer av personvernforordninga %s.", "This follows from GDPR %s.")},
	"restricted_from": {Text: text("Begrensningen gjelder fra %s.", "Avgrensinga gjeld frå %s.", "The restriction applies from %s.")},
	"restricted_between": {Text: text("Begrensningen gjelder fra %s for det som ble begrenset først, og fra %s for det siste.",
		"Avgrensinga gjeld frå %s for det som vart avgrensa først, og frå %s for det siste.", "The restriction applies from %s for what was restricted first, and from %s for the last.")},
	"lifting": {text("Vi har bare lagret noen av opplysningene dine og ikke brukt dem. Den begrensningen blir opphevet.",
		"Vi har berre lagra nokre av opplysningane dine og ikkje brukt dei. Den avgrensinga blir oppheva.",
		"We have only stored some of your data and not used them. That restriction will be lifted."),
		text("Begrensningen blir opphevet", "Avgrensinga blir oppheva", "The restriction will be lifted")},
	"correction": {text("Noe i svaret vi ga deg %s, var feil eller manglet. Her er rettingen. Svaret står ellers som det var.",
		"Noko i svaret vi gav deg %s, var feil eller mangla. Her er rettinga. Svaret står elles som det var.",
		"Something in the answer that we gave you on %s was wrong or missing. Here is the correction. Otherwise the answer stands as it was."),
		text("Vi retter svaret vårt", "Vi rettar svaret vårt", "We correct our answer")},
	"correction_again": {Text: text("Vi leter på nytt og lager et nytt svar med en ny kopi. Det kommer i sak %s, som regnes fra den dagen du først spurte. Du trenger ikke gjøre noe.",
		"Vi leitar på nytt og lagar eit nytt svar med ein ny kopi. Det kjem i sak %s, som blir rekna frå den dagen du først spurde. Du treng ikkje gjere noko.",
		"We search again and make a new answer with a new copy. It comes in case %s, which counts from the day you first asked. You need not do anything.")},
	"part": {text("Her får du den delen av svaret som er klar. Det er ikke hele svaret: noe mangler, og det kommer senere.",
		"Her får du den delen av svaret som er klar. Det er ikkje heile svaret: noko manglar, og det kjem seinare.",
		"Here is the part of the answer that is ready. It is not the whole answer: something is missing, and it follows later."),
		text("En del av svaret ditt", "Ein del av svaret ditt", "A part of your answer")},
	"part_by": {Text: text("Resten kommer senest %s.", "Resten kjem seinast %s.", "The rest comes by %s.")},
	"part_late": {Text: text("Fristen for svaret var %s. Resten kommer så snart den er klar.", "Fristen for svaret var %s. Resten kjem så snart han er klar.",
		"The time limit for the answer was %s. The rest comes as soon as it is ready.")},
	"part_last": {Text: text("Saken er ikke avsluttet, og fristen går. Det siste svaret sier fra at det er det siste.",
		"Saka er ikkje avslutta, og fristen går. Det siste svaret seier frå at det er det siste.",
		"The case is not closed, and the time limit runs. The last answer says that it is the last.")},
	"part_is": {Text: text("Dette er en del av svaret. %s", "Dette er ein del av svaret. %s", "This is a part of the answer. %s")},
	"completes": {Text: text("Dette er hele svaret, og det fullfører den delen du fikk før (sendt %s). Kopien har med det som sto i den. Ingen del kommer senere.",
		"Dette er heile svaret, og det fullfører den delen du fekk før (send %s). Kopien har med det som stod i han. Ingen del kjem seinare.",
		"This is the whole answer, and it completes the part that you got before (sent on %s). The copy holds what stood in that. No part follows later.")},
	"lifted_from":  {Text: text("Tidligst %s bruker vi opplysningene igjen.", "Tidlegast %s bruker vi opplysningane igjen.", "We use the data again on %s at the earliest.")},
	"lifted_reply": {Text: text("Er du ikke enig, kan du svare oss før den tid.", "Er du ikkje einig, kan du svare oss før den tid.", "If you do not agree, you can reply to us before then.")},
}

// told is the duty to have something in a part.
func told(p Part, law string) duty {
	return duty{headings[p], law, letterLacks(func(a *Answer) bool { return some(a.Told[p]...) })}
}

// dutyConcrete: a ground from a list is no reason of this case.
var dutyConcrete = duty{text("grunnene i denne saken, med egne ord", "grunnane i denne saka, med eigne ord", "the reasons in this case, in your own words"), "Art. 12(3)",
	letterLacks(func(a *Answer) bool { return len(lines(a.Told[Because]...)) > 1 })}

// The office proves that a fee may be charged (Art. 12(5)): by the provision and the reasons of this case, and by what
// the fee covers.
var (
	dutyFeeReason = duty{text("hvorfor kravet er åpenbart grunnløst eller overdrevent, og bestemmelsen", "kvifor kravet er openbert grunnlaust eller overdrive, og føresegna",
		"why the request is manifestly unfounded or excessive, and the provision"), "Art. 12(5)", letterLacks(func(a *Answer) bool { return len(lines(a.Told[Because]...)) > 1 })}
	// A restriction is told with its provision, and with why it is so in this case.
	dutyRestrictionGround = duty{text("hvorfor opplysningene er begrenset, og bestemmelsen", "kvifor opplysningane er avgrensa, og føresegna", "why the data are restricted, and the provision"),
		"Art. 18(1)", letterLacks(func(a *Answer) bool { return len(lines(a.Told[Because]...)) > 1 })}
	dutyFeeCovers = duty{text("hva gebyret dekker", "kva gebyret dekkjer", "what the fee covers"), "Art. 12(5)",
		letterLacks(func(a *Answer) bool { return len(lines(a.Told[Amount]...)) > 1 })}
)

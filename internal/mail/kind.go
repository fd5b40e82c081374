package mail

import "mininfo/internal/locale"

// Kind is one of the mails that the portal sends.
type Kind string

// Mails to a person.
const (
	Verify                Kind = "verify"                 // prove that the mailbox is yours: code and link
	VerifyLate            Kind = "verify_late"            // the first mail was held up until its code was over
	StepUp                Kind = "step_up"                // a fresh code for one operation
	ReceiptOfRequest      Kind = "receipt_of_request"     // number, date, what was understood, answer date
	ReceiptForChild       Kind = "receipt_for_child"      // the same to a child, in plainer words
	IdentityClosed        Kind = "identity_closed"        // nobody answered who they are: reasons, complaint, how to go on
	ClarificationClosed   Kind = "clarification_closed"   // nobody answered what they mean: as above
	QuestionIdentity      Kind = "question_identity"      // Art. 12(6)
	QuestionClarification Kind = "question_clarification" // recital 63
	QuestionOlderAddress  Kind = "question_older_address" // before "we hold nothing"
	ConfirmContact        Kind = "confirm_contact"        // to an address on file: is it yours too?
	ContactNotice         Kind = "contact_notice"         // to other addresses on file: somebody asks
	NewMessage            Kind = "new_message"            // the office wrote in the case
	Extension             Kind = "extension"              // Art. 12(3): new date; the reasons are in the case
	AnswerReady           Kind = "answer_ready"           // the package of an access request
	AnswerPart            Kind = "answer_part"            // a part of the answer, before the rest; what is missing is in the case
	AnswerCorrected       Kind = "answer_corrected"       // something in an answer was wrong; what, is in the case
	AnswerDone            Kind = "answer_done"            // outcome of rectification or erasure, in counts
	Refused               Kind = "refused"                // Art. 12(4): reasons are in the case; complaint
	NothingFound          Kind = "nothing_found"          // where we looked
	Withdrawn             Kind = "withdrawn"
	PackageDownloaded     Kind = "package_downloaded"
	EraseLastCall         Kind = "erase_last_call"     // the cooling-off before erasure
	RestrictionBegun      Kind = "restriction_begun"   // Art. 18(1): told when it begins; what and why are in the case
	RestrictionLifting    Kind = "restriction_lifting" // Art. 18(3): told before; the date and the reason are in the case
	AddressChanging       Kind = "address_changing"    // to the old address: cases are to follow another one; may be stopped
	AddressChanged        Kind = "address_changed"     // to both: it is done
)

// Mails to members of the office.
const (
	StaffNewRequest      Kind = "staff_new_request"
	StaffReply           Kind = "staff_reply"
	StaffNeedsHuman      Kind = "staff_needs_human"
	StaffApproval        Kind = "staff_approval" // a plan waits for a second member
	StaffMarks           Kind = "staff_marks"    // restrictions have to be marked, or no longer, by hand
	StaffDeadlineWarning Kind = "staff_deadline_warning"
	StaffRefusalDue      Kind = "staff_refusal_due" // Art. 12(4): an extension does not move the last day of a refusal
	StaffRecipients      Kind = "staff_recipients"  // recipients of a case wait to be told, or have not answered
	StaffBreach          Kind = "staff_breach"      // somebody has written a personal data breach down
	StaffDrillDue        Kind = "staff_drill_due"   // nobody has handled a case or a rehearsal for a year
	StaffBreachDue       Kind = "staff_breach_due"  // Datatilsynet is neither told nor ruled out, and the 72 hours end
	StaffInvite          Kind = "staff_invite"      // choose how to sign in, as a new member
	StaffRecover         Kind = "staff_recover"     // the same for a member who has lost it
	StaffAccount         Kind = "staff_account"     // something about the member's own sign-in
	StaffAlarm           Kind = "staff_alarm"       // about the installation, not about a case
	StaffCheckpoint      Kind = "staff_checkpoint"  // to an address outside the house, to be kept: what the log was today
)

// Mails to a colleague who looks in a place for the office and has no account.
const (
	ColleagueTasks    Kind = "colleague_tasks"    // where to look, with a link for each task
	ColleagueReminder Kind = "colleague_reminder" // the same again: nothing but what has waited a while
)

// Mails to somebody who got data about a person.
const (
	RecipientNotice   Kind = "recipient_notice"   // Art. 19, with a link to what was done
	RecipientReminder Kind = "recipient_reminder" // the same again
)

// Kinds lists all mails.
var Kinds = []Kind{
	Verify, VerifyLate, StepUp, ReceiptOfRequest, ReceiptForChild, IdentityClosed, ClarificationClosed, QuestionIdentity, QuestionClarification, QuestionOlderAddress, ConfirmContact,
	ContactNotice, NewMessage, Extension, AnswerReady, AnswerPart, AnswerCorrected, AnswerDone, Refused, NothingFound, Withdrawn,
	PackageDownloaded, EraseLastCall, RestrictionBegun, RestrictionLifting, AddressChanging, AddressChanged,
	StaffNewRequest, StaffReply, StaffNeedsHuman, StaffApproval, StaffMarks, StaffDeadlineWarning, StaffRefusalDue, StaffRecipients, StaffBreach, StaffBreachDue, StaffDrillDue, StaffInvite, StaffRecover, StaffAccount, StaffAlarm, StaffCheckpoint,
	ColleagueTasks, ColleagueReminder,
	RecipientNotice, RecipientReminder,
}

// letter is the text of one mail in one language. The body has paragraphs with an empty line between;
// a line that is only {code}, {url}, {lines} or {links} is set as a code, a link, a list or a list of links. A paragraph that begins
// with "? " is left out when a value in it is missing; any other missing value is an error. One that begins with a name in
// brackets, such as "[complaint] ", is what the law or the person's safety requires of the mail: whoever words it anew moves it
// and takes it over as it stands (Wording).
type letter struct {
	Subject string
	Body    string
}

var catalogue = map[locale.Locale]map[Kind]letter{locale.NB: nb, locale.NN: nn, locale.EN: en}

// footer ends every mail.
var footer = locale.Text{
	NB: "{org}\nKontakt: {contact}\n\n? Postadresse: {postal}",
	NN: "{org}\nKontakt: {contact}\n\n? Postadresse: {postal}",
	EN: "{org}\nContact: {contact}\n\n? Postal address: {postal}",
}

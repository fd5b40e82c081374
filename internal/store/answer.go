package store

import "mininfo/internal/dsr"

// Answer is what a person is told in the end, in their language. It is kept sealed with the
// request, so that what was said can be shown again as it was said.
type Answer struct {
	Outcome    dsr.Outcome   `json:"outcome"`
	Title      string        `json:"title"`
	Paragraphs []string      `json:"paragraphs"`
	Groups     []AnswerGroup `json:"groups"`
	Searched   []string      `json:"searched"`
	Recipients []string      `json:"recipients"`
	Complaint  []string      `json:"complaint"`

	Disclosed []AnswerDisclosure `json:"disclosed,omitempty"` // of an access request: what was given to whom
}

// AnswerDisclosure tells who got data about the person, when, what and why (Art. 15(1)(c)).
type AnswerDisclosure struct {
	Recipient string `json:"recipient"`
	Activity  string `json:"activity"`
	On        string `json:"on,omitempty"`
	What      string `json:"what,omitempty"`
	Basis     string `json:"basis,omitempty"`
}

// AnswerGroup tells what was done with the data of one activity, how many, and why.
type AnswerGroup struct {
	Action   string `json:"action"` // disclosed, withheld, corrected, annotated, deleted, anonymised, restricted, kept, refused
	Activity string `json:"activity"`
	Count    int64  `json:"count"`
	Text     string `json:"text"`
	Law      string `json:"law,omitempty"`
	Until    string `json:"until,omitempty"` // civil date
}

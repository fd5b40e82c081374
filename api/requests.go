package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"mininfo/internal/access"
	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/fulfilment"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/store"
)

func date(d dsr.Date) openapi_types.Date {
	return openapi_types.Date{Time: d.Start(time.UTC)}
}

func optionalDate(d *dsr.Date) *openapi_types.Date {
	if d == nil || d.IsZero() {
		return nil
	}
	out := date(*d)
	return &out
}

// dueOn is the date that a list shows: of a paused clock, the one without the pause.
func dueOn(r *store.Request) dsr.Date {
	if r.P.Deadline.Open {
		return r.P.Deadline.DueUnsuspended
	}
	return r.P.Deadline.Due
}

func outcome(o dsr.Outcome) *Outcome {
	if o == "" {
		return nil
	}
	out := Outcome(o)
	return &out
}

func created(r *store.Request) RequestCreated {
	return RequestCreated{Id: r.PublicID, Reference: string(r.Reference), ReceivedAt: r.ReceivedAt, DueOn: date(dueOn(r))}
}

func requestSummary(v casework.View) RequestSummary {
	r := v.Request
	out := RequestSummary{
		Id: r.PublicID, Reference: string(r.Reference), Right: Right(r.Right), State: State(r.P.State), StateText: v.StateText,
		ReceivedAt: r.ReceivedAt, DueOn: date(dueOn(r)), Outcome: outcome(r.P.Outcome), UnreadMessages: count(r.UnreadPerson),
	}
	if !r.P.AnsweredAt.IsZero() {
		at := r.P.AnsweredAt
		out.AnsweredAt = &at
	}
	waits := r.P.State == dsr.AwaitingPerson
	out.WaitsForYou = &waits
	return out
}

// ListRequests gives the person's cases.
func (s *Server) ListRequests(ctx context.Context, _ ListRequestsRequestObject) (ListRequestsResponseObject, error) {
	c := from(ctx)
	views, err := s.d.Desk.Mine(ctx, c.person.AddressIndex, c.locale)
	if err != nil {
		return nil, err
	}
	out := ListRequests200JSONResponse{Requests: []RequestSummary{}}
	for _, v := range views {
		out.Requests = append(out.Requests, requestSummary(v))
	}
	return out, nil
}

// CreateRequest files a request for the address that was proved.
func (s *Server) CreateRequest(ctx context.Context, r CreateRequestRequestObject) (CreateRequestResponseObject, error) {
	c := from(ctx)
	if err := s.d.Gate.Limit(ctx, access.LimitRequest, c.person.AddressIndex, c.from); err != nil {
		return nil, err
	}
	body, err := json.Marshal(r.Body)
	if err != nil {
		return nil, fmt.Errorf("reading a filing: %w", err)
	}
	filing := casework.Filing{
		Address: c.person.Address, ProvedAt: c.person.ProvedAt, Proof: c.person.Challenge,
		Right: string(r.Body.Right), Locale: locale.Locale(r.Body.Locale), Name: text(r.Body.Name),
		Activities: list(r.Body.Activities), Text: text(r.Body.Text), Key: text(r.Params.IdempotencyKey), Body: body,
		Standing:  standing(r.Body.Standing),
		Marketing: yes(r.Body.Advertising), Recipient: text(r.Body.Recipient), Meanwhile: yes(r.Body.Meanwhile),
		Ground: text(r.Body.Ground), Also: texts(list(r.Body.Also)),
	}
	for i, asked := range list(r.Body.Corrections) {
		correction, err := s.d.Works.OpenRef(asked.Ref, c.person.AddressIndex)
		if err != nil {
			return nil, at(err, fmt.Sprintf("/corrections/%d/ref", i))
		}
		correction.New = asked.NewValue
		filing.Corrections = append(filing.Corrections, correction)
	}
	filed, err := s.d.Desk.File(ctx, filing)
	if err != nil {
		return nil, err
	}
	return CreateRequest201JSONResponse(created(filed)), nil
}

func standing(s *Standing) casework.Standing {
	if s == nil {
		return casework.Standing{}
	}
	return casework.Standing{
		Kind: string(s.Kind), ChildAge: text(s.ChildAge), AskerName: text(s.AskerName), AskerEmail: text(s.AskerEmail), Organisation: text(s.OrganisationNumber),
		Authority: text(s.Authority), Email: text(s.Email), Phone: text(s.Phone), CustomerNumber: text(s.CustomerNumber),
	}
}

// RemindOffice asks where the answer is.
func (s *Server) RemindOffice(ctx context.Context, r RemindOfficeRequestObject) (RemindOfficeResponseObject, error) {
	c := from(ctx)
	if err := s.d.Gate.Limit(ctx, access.LimitWrite, c.person.AddressIndex, c.from); err != nil {
		return nil, err
	}
	if err := s.d.Desk.Remind(ctx, c.person.AddressIndex, r.Id); err != nil {
		return nil, err
	}
	v, err := s.d.Desk.Own(ctx, c.person.AddressIndex, r.Id, c.locale)
	if err != nil {
		return nil, err
	}
	return RemindOffice200JSONResponse(requestSummary(v)), nil
}

// GetRequest gives one case to the person.
func (s *Server) GetRequest(ctx context.Context, r GetRequestRequestObject) (GetRequestResponseObject, error) {
	c := from(ctx)
	var carried fulfilment.PersonView
	v, err := s.d.Desk.Own(ctx, c.person.AddressIndex, r.Id, c.locale, func(tx *store.Tx, r *store.Request) (err error) {
		carried, err = s.d.Works.ForPerson(tx, r, c.locale)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := request(v, carried.Package)
	out.Recipients, out.Parts = toldRecipients(carried.Recipients), answerParts(carried.Parts)
	return GetRequest200JSONResponse(out), nil
}

func request(v casework.View, pack *fulfilment.PackageView) Request {
	sum := requestSummary(v)
	out := Request{
		Id: sum.Id, Reference: sum.Reference, Right: sum.Right, State: sum.State, StateText: sum.StateText,
		ReceivedAt: sum.ReceivedAt, DueOn: sum.DueOn, Outcome: sum.Outcome, AnsweredAt: sum.AnsweredAt,
		UnreadMessages: sum.UnreadMessages, WaitsForYou: sum.WaitsForYou,
		Asked: some(v.Asked), DueReasons: some(v.DueReasons), MayWithdraw: v.MayWithdraw, CorrectsOwnAddress: &v.CorrectsOwnAddress,
		NoticeVersion: int(v.Notice.Version), Timeline: []TimelineEntry{}, Messages: messages(v.Messages, nil),
		Question: question(v.Question), Package: packageView(pack), Answer: answerView(v.Answer),
	}
	if v.Notice.Version > 0 {
		out.NoticeDate = optionalDate(&v.Notice.Date)
	}
	for _, line := range v.Timeline {
		out.Timeline = append(out.Timeline, TimelineEntry{At: line.At, Text: line.Text})
	}
	if v.Request.P.State == dsr.Approved && !v.Request.P.CoolUntil.IsZero() {
		until := v.Request.P.CoolUntil
		out.ErasureWaitsUntil = &until
	}
	return out
}

// some never gives null for a list.
func some[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}

func messages(all []store.Message, authors map[int64]string) []Message {
	out := []Message{}
	for _, m := range all {
		message := Message{Id: m.PublicID, At: m.At, From: MessageFrom(m.Author), Text: m.Body.Reveal()}
		if m.MemberID != nil {
			message.Author = optional(authors[*m.MemberID])
		}
		if m.OnIdentity() {
			state := MessageIdentityKept
			if m.Erased {
				state = MessageIdentityErased
			}
			message.Identity = &state
		}
		if m.Letter != nil {
			view := letterView(m.Letter.Letter())
			message.Letter = &view
		}
		out = append(out, message)
	}
	return out
}

func question(q *casework.Asked) *Question {
	if q == nil {
		return nil
	}
	return &Question{Kind: QuestionKind(q.Kind), Text: q.Text, AskedAt: q.At, ClockPaused: q.Paused}
}

func answerParts(all []fulfilment.PartView) *[]AnswerPart {
	if len(all) == 0 {
		return nil
	}
	out := make([]AnswerPart, len(all))
	for i, p := range all {
		out[i] = AnswerPart{Number: p.Number, SentAt: p.SentAt, Package: *packageView(&p.Package)}
	}
	return &out
}

func packageView(p *fulfilment.PackageView) *Package {
	if p == nil {
		return nil
	}
	left := p.DownloadsLeft
	size := p.Size
	return &Package{State: PackageState(p.State), ReadyAt: p.ReadyAt, OpenUntil: p.OpenUntil, DownloadsLeft: &left, Fetched: &p.Fetched, PurgeOn: optionalDate(p.PurgeOn), Size: &size}
}

func answerView(a *store.Answer) *AnswerView {
	if a == nil {
		return nil
	}
	out := &AnswerView{Outcome: Outcome(a.Outcome), Title: a.Title, Paragraphs: some(a.Paragraphs), Groups: []AnswerGroup{}, Complaint: some(a.Complaint)}
	for _, g := range a.Groups {
		group := AnswerGroup{Action: AnswerGroupAction(g.Action), Activity: g.Activity, Count: g.Count, Text: g.Text, Law: optional(g.Law)}
		if until, err := dsr.ParseDate(g.Until); err == nil {
			group.Until = optionalDate(&until)
		}
		out.Groups = append(out.Groups, group)
	}
	if len(a.Searched) > 0 {
		out.Searched = &a.Searched
	}
	if len(a.Recipients) > 0 {
		out.Recipients = &a.Recipients
	}
	if len(a.Disclosed) > 0 {
		list := []AnswerDisclosure{}
		for _, d := range a.Disclosed {
			list = append(list, AnswerDisclosure{Recipient: d.Recipient, Activity: d.Activity, On: optional(d.On), What: optional(d.What), Basis: optional(d.Basis)})
		}
		out.Disclosed = &list
	}
	if a.Kind != "" {
		view := letterView(a.Letter())
		out.Letter = &view
	}
	return out
}

func letterView(l letter.Letter) LetterView {
	out := LetterView{Title: l.Title, Greeting: optional(l.Greeting), Facts: letterFacts(l.Facts), Sections: []LetterSection{}, Closing: some(l.Closing)}
	for _, s := range l.Sections {
		section := LetterSection{Part: string(s.Part), Heading: s.Heading, Blocks: []LetterBlock{}}
		for _, b := range s.Blocks {
			block := LetterBlock{Heading: optional(b.Heading), Text: optional(b.Text), Own: optional(b.Own)}
			if len(b.List) > 0 {
				block.List = &b.List
			}
			if len(b.Facts) > 0 {
				facts := letterFacts(b.Facts)
				block.Facts = &facts
			}
			if b.Table != nil {
				block.Head, block.Rows = &b.Table.Head, &b.Table.Rows
			}
			section.Blocks = append(section.Blocks, block)
		}
		out.Sections = append(out.Sections, section)
	}
	return out
}

func letterFacts(all []export.Fact) []LetterFact {
	out := []LetterFact{}
	for _, f := range all {
		out = append(out, LetterFact{Label: f.Label, Lines: some(f.Lines)})
	}
	return out
}

// SendMessage keeps what the person writes.
func (s *Server) SendMessage(ctx context.Context, r SendMessageRequestObject) (SendMessageResponseObject, error) {
	c := from(ctx)
	if err := s.d.Gate.Limit(ctx, access.LimitWrite, c.person.AddressIndex, c.from); err != nil {
		return nil, err
	}
	var contacts []casework.Contact
	for _, older := range list(r.Body.OlderContacts) {
		contacts = append(contacts, casework.Contact{Kind: string(older.Kind), Value: older.Value})
	}
	m, err := s.d.Desk.Write(ctx, c.person.AddressIndex, r.Id, r.Body.Text, contacts, text(r.Params.IdempotencyKey))
	if err != nil {
		return nil, err
	}
	return SendMessage201JSONResponse(messages([]store.Message{m}, nil)[0]), nil
}

// WithdrawRequest takes the request back; a proof of the address at most ten minutes old is enough.
func (s *Server) WithdrawRequest(ctx context.Context, r WithdrawRequestRequestObject) (WithdrawRequestResponseObject, error) {
	c := from(ctx)
	prove := func(tx *store.Tx) error { return s.d.Gate.ProveWithdrawal(tx, c.person, r.Id) }
	if err := s.d.Desk.Withdraw(ctx, c.person.AddressIndex, r.Id, prove); err != nil {
		return nil, err
	}
	v, err := s.d.Desk.Own(ctx, c.person.AddressIndex, r.Id, c.locale)
	if err != nil {
		return nil, err
	}
	return WithdrawRequest200JSONResponse(requestSummary(v)), nil
}

// GetReceipt proves that the request came in.
func (s *Server) GetReceipt(ctx context.Context, r GetReceiptRequestObject) (GetReceiptResponseObject, error) {
	proof, err := s.d.Desk.Receipt(ctx, from(ctx).person.AddressIndex, r.Id)
	if err != nil {
		return nil, err
	}
	return GetReceipt200TextResponse(proof), nil
}

// DownloadPackage hands out the package once for each fresh code.
func (s *Server) DownloadPackage(ctx context.Context, r DownloadPackageRequestObject) (DownloadPackageResponseObject, error) {
	c := from(ctx)
	if !s.downloads.take() {
		return nil, errDownloads
	}
	part := int64(0)
	if r.Params.Part != nil {
		part = int64(*r.Params.Part)
	}
	delivery, err := s.d.Works.OpenPackage(ctx, c.person.AddressIndex, r.Id, part, func(tx *store.Tx) error {
		if err := s.d.Gate.UseStepUp(tx, c.person, opDownload, r.Id); err != nil {
			return err
		}
		return s.d.Gate.LimitIn(tx, access.LimitDownload, []byte(r.Id), c.from)
	})
	if err != nil {
		s.downloads.free()
		return nil, err
	}
	delivery.ReadCloser = &counted{ReadCloser: delivery.ReadCloser, places: s.downloads}
	attach(c, delivery.Name)
	return DownloadPackage200ApplicationzipResponse{Body: delivery, ContentLength: max(delivery.Size, 0)}, nil
}

// EraseCopy erases the copy that the person has and wants no other to be kept of.
func (s *Server) EraseCopy(ctx context.Context, r EraseCopyRequestObject) (EraseCopyResponseObject, error) {
	if err := s.d.Works.EraseCopy(ctx, from(ctx).person.AddressIndex, r.Id); err != nil {
		return nil, err
	}
	return EraseCopy204Response{}, nil
}

// DownloadLetter gives a letter of the case as a PDF.
func (s *Server) DownloadLetter(ctx context.Context, r DownloadLetterRequestObject) (DownloadLetterResponseObject, error) {
	c := from(ctx)
	name, pdf, err := s.d.Desk.Letter(ctx, c.person.AddressIndex, r.Id, r.Letter)
	if err != nil {
		return nil, err
	}
	attach(c, name)
	return DownloadLetter200ApplicationpdfResponse{Body: bytes.NewReader(pdf), ContentLength: int64(len(pdf))}, nil
}

// attach says that what follows is a file to keep, never a page to show.
func attach(c *caller, name string) {
	c.echo.Response().Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

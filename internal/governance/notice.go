package governance

import (
	"context"
	"slices"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

// ErrNoticeVersion says that there is no such version of the notice.
var ErrNoticeVersion = fault.Define(fault.NotFound, "notice_version_unknown",
	"Personvernerklæringen har ingen slik versjon. Velg en av dem som står i listen.",
	"Personvernerklæringa har ingen slik versjon. Vel ein av dei som står i lista.",
	"The privacy notice has no such version. Choose one from the list.")

// Notice is a version of the privacy notice, with its place among the others.
type Notice struct {
	register.Notice
	Current  bool
	Versions []NoticeVersion // all there are, the newest first
	Before   int             // the version that this one replaced, 0 for none
	Changes  []register.Change

	reg *register.Register
}

// NoticeVersion is a version of the notice and the day from which it applied.
type NoticeVersion struct {
	Number int
	Date   dsr.Date
}

// Notice gives the privacy notice: the one in force, or the one that applied under an older version
// of the register. ErrNoticeVersion when there was none.
func (o *Office) Notice(ctx context.Context, l locale.Locale, version int) (Notice, error) {
	var n Notice
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		var err error
		n, err = o.notice(tx, l, int64(version))
		return err
	})
	return n, err
}

// NoticeLinked gives the same as JSON-LD, in all languages; page is where people read it.
func (o *Office) NoticeLinked(ctx context.Context, version int, page string) (map[string]any, error) {
	n, err := o.Notice(ctx, locale.NB, version)
	if err != nil {
		return nil, err
	}
	return register.LinkedData(n.reg, n.Version, n.Date, n.Before, page), nil
}

func (o *Office) notice(tx *store.Tx, l locale.Locale, version int64) (Notice, error) {
	c, err := tx.Controller()
	if err != nil {
		return Notice{}, err
	}
	_, zone, err := today(tx, c)
	if err != nil {
		return Notice{}, err
	}
	if err := tx.FollowNotices(c.ID, &o.history); err != nil {
		return Notice{}, err
	}
	all := o.history.Notices()
	if len(all) == 0 && version == 0 {
		return o.draft(tx, l, zone)
	}
	if version == 0 {
		version = o.history.Seen()
	}
	applied, ok := o.history.Applied(version)
	if !ok {
		return Notice{}, ErrNoticeVersion.At("/version")
	}
	at := func(v register.NoticeVersion) (register.Notice, *register.Register) {
		r := o.history.Register(v)
		return register.NewNotice(r, l, int(v.Number), dsr.DateOf(v.At, zone)), r
	}
	n := Notice{}
	n.Notice, n.reg = at(applied)
	n.Current = all[len(all)-1].Number == applied.Number
	for _, v := range slices.Backward(all) {
		n.Versions = append(n.Versions, NoticeVersion{Number: int(v.Number), Date: dsr.DateOf(v.At, zone)})
	}
	if i := slices.Index(all, applied); i > 0 {
		before, _ := at(all[i-1])
		n.Before, n.Changes = before.Version, register.Changes(before, n.Notice)
	}
	return n, nil
}

// draft gives what the notice would say while the organisation is not named yet.
func (o *Office) draft(tx *store.Tx, l locale.Locale, zone *time.Location) (Notice, error) {
	r, err := o.register(tx)
	if err != nil {
		return Notice{}, err
	}
	n := register.NewNotice(r.Register, l, int(r.Version), dsr.DateOf(r.ChangedAt, zone))
	return Notice{Notice: n, Current: true, reg: r.Register}, nil
}

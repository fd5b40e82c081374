package dsr

import (
	"net/netip"
	"strings"

	"mininfo/internal/fault"
)

// IPUse is an IP address in the days in which the person says to have used it. The address alone
// points at nobody: tomorrow the provider lends it to somebody else. Together with the days it is
// the further information that Art. 11(2) speaks of. It is personal data.
type IPUse struct {
	Addr        netip.Addr
	From, Until Date // both included, in the controller's time zone
}

// MaxIPUse is how many days one use may span. Who had an address for longer says so in pieces; a
// period without end would ask for everybody who ever had it.
const MaxIPUse = 366

// ErrIPUse: the text is not an IP address with a period.
var ErrIPUse = fault.Define(fault.Invalid, "bad_ip_use",
	"Skriv en IP-adresse og når du brukte den, høyst ett år om gangen, for eksempel 203.0.113.7 2026-10-01/2026-10-31.",
	"Skriv ei IP-adresse og når du brukte ho, høgst eitt år om gongen, til dømes 203.0.113.7 2026-10-01/2026-10-31.",
	"Write an IP address and when you used it, at most a year at a time, for example 203.0.113.7 2026-10-01/2026-10-31.")

// ParseIPUse reads "ADDRESS FROM/UNTIL" (civil days in the form of ISO 8601), or "ADDRESS DAY".
// The error never repeats the input.
func ParseIPUse(typed string) (IPUse, error) {
	parts := strings.Fields(typed)
	if len(parts) != 2 {
		return IPUse{}, ErrIPUse
	}
	addr, ok := ParseIP(parts[0])
	if !ok {
		return IPUse{}, ErrIPUse
	}
	first, last, ranged := strings.Cut(parts[1], "/")
	if !ranged {
		last = first
	}
	from, errFrom := ParseDate(first)
	until, errUntil := ParseDate(last)
	if errFrom != nil || errUntil != nil || until.Before(from) || DaysBetween(from, until) >= MaxIPUse {
		return IPUse{}, ErrIPUse
	}
	return IPUse{Addr: addr, From: from, Until: until}, nil
}

// String is the one form that a use is kept in; ParseIPUse reads it back.
func (u IPUse) String() string {
	return u.Addr.String() + " " + u.From.String() + "/" + u.Until.String()
}

// ParseIP reads an IP address in any of the forms that logs and databases write it in: an IPv4
// address inside an IPv6 one is the IPv4 address, and a prefix of full length (as PostgreSQL
// writes inet), brackets and an interface's name are no part of it.
func ParseIP(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	head, bits, prefixed := strings.Cut(s, "/")
	addr, err := netip.ParseAddr(head)
	if err != nil || prefixed && !(bits == "32" && addr.Is4() || bits == "128" && addr.Is6()) {
		return netip.Addr{}, false
	}
	return addr.Unmap().WithZone(""), true
}

// Package dsr is the request itself: the rights a person has, the life of a request, the events
// it is made of, the clock that the law sets, the reference a person reads on the phone, and the
// written form of the addresses a person gives. It is pure: no I/O, no clock of its own, no
// randomness of its own.
package dsr

//go:build !linux

package portaltest

import (
	"os/exec"
	"os/user"
)

// serverAccount: only Linux starts the server as another account.
func serverAccount(string) (func(*exec.Cmd), error) { return func(*exec.Cmd) {}, nil }

func ownedLike(string, string) error { return nil }

// owner: elsewhere the server runs as whoever runs the tests.
func owner(string) (uid, gid string, err error) {
	u, err := user.Current()
	if err != nil {
		return "", "", err
	}
	return u.Uid, u.Gid, nil
}

// StartTied starts the server. Elsewhere than on Linux nothing stops it with the process, so that
// a developer there names servers in MININFO_TEST_PG and MININFO_TEST_MARIADB.
func StartTied(c *exec.Cmd) (ended <-chan struct{}, err error) {
	over := make(chan struct{})
	if err := c.Start(); err != nil {
		return nil, err
	}
	go func() { _ = c.Wait(); close(over) }()
	return over, nil
}

package portaltest

import (
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"strconv"
	"syscall"
)

// serverAccount gives the way to start programs of a server: PostgreSQL and MariaDB refuse to run
// as root, so that root starts them as the account "postgres" (else "nobody").
func serverAccount(dir string) (func(*exec.Cmd), error) {
	if os.Getuid() != 0 {
		return func(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{} }, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		if account, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(account.Gid)
	if err != nil {
		return nil, err
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, err
	}
	return func(c *exec.Cmd) {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}, nil
}

// ownedLike gives a file to the account that has another one.
func ownedLike(path, other string) error {
	info, err := os.Stat(other)
	if err != nil {
		return err
	}
	like, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return os.Chown(path, int(like.Uid), int(like.Gid))
}

// owner gives the ids of the account and the group that own a file.
func owner(path string) (uid, gid string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", "", err
	}
	stat := info.Sys().(*syscall.Stat_t)
	return strconv.Itoa(int(stat.Uid)), strconv.Itoa(int(stat.Gid)), nil
}

// StartTied starts a program that the kernel stops when this process ends, however it ends. The
// kernel watches the thread that started it, so that thread is kept for as long as the process lives.
// It is stopped by the signal that c names, or by SIGQUIT. The channel is closed when the program has ended.
func StartTied(c *exec.Cmd) (ended <-chan struct{}, err error) {
	if c.SysProcAttr == nil {
		c.SysProcAttr = &syscall.SysProcAttr{}
	}
	if c.SysProcAttr.Pdeathsig == 0 {
		c.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	}
	started, over := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		// A goroutine that ends with its thread locked ends the thread too, and the kernel would stop
		// whatever else that thread ever started on the same condition.
		defer runtime.UnlockOSThread()
		err := c.Start()
		started <- err
		if err == nil {
			_ = c.Wait()
			close(over)
		}
	}()
	return over, <-started
}

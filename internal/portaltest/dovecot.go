package portaltest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Mailbox is an account of its own on a real IMAP server, for one test.
type Mailbox struct {
	User, Password string
	IMAP, IMAPS    int    // ports on 127.0.0.1
	CA             string // file with the certificate to trust
	Conf           string // the server's configuration, for its own tools
}

var imapServer struct {
	once sync.Once
	Mailbox
	err error
}

// Dovecot gives an empty mailbox. The server is private: started by the first test that asks, on
// free ports of the loopback address, without any right of root, and it dies with the test process.
// Without the program the test fails.
func Dovecot(t testing.TB) *Mailbox {
	t.Helper()
	imapServer.once.Do(func() { imapServer.Mailbox, imapServer.err = startDovecot() })
	if imapServer.err != nil {
		t.Fatalf("Dovecot for tests: %v", imapServer.err)
	}
	box := imapServer.Mailbox
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		t.Fatal(err)
	}
	box.User = "u" + hex.EncodeToString(id[:])
	return &box
}

// DSN gives the connection string with TLS from the first byte; more is what follows the host.
func (m *Mailbox) DSN(more string) string {
	separator := "?"
	if strings.Contains(more, "?") {
		separator = "&"
	}
	return fmt.Sprintf("imaps://%s:%s@127.0.0.1:%d%s%sca=%s", m.User, url.QueryEscape(m.Password), m.IMAPS, more, separator, url.QueryEscape(m.CA))
}

// Client signs in beside the portal.
func (m *Mailbox) Client(t testing.TB) *imapclient.Client {
	t.Helper()
	ca, err := os.ReadFile(m.CA)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	c, err := imapclient.DialTLS(net.JoinHostPort("127.0.0.1", strconv.Itoa(m.IMAPS)), &imapclient.Options{TLSConfig: &tls.Config{RootCAs: roots}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Login(m.User, m.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

// Deliver puts messages into a folder, which is made if it is not there.
func (m *Mailbox) Deliver(t testing.TB, folder string, messages ...string) {
	t.Helper()
	c := m.Client(t)
	_ = c.Create(folder, nil).Wait() // it may be there
	for _, text := range messages {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
		cmd := c.Append(folder, int64(len(text)), &imap.AppendOptions{Time: time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)})
		if _, err := cmd.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}

const dovecotPrefix = "portaltest-dovecot-"

const dovecotConf = `
base_dir = %[1]s/run
state_dir = %[1]s/run
log_path = %[1]s/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <%[1]s/cert.pem
ssl_key = <%[1]s/key.pem
disable_plaintext_auth = yes
mail_location = maildir:%[1]s/mail/%%u
mail_fsync = never
default_internal_user = %[2]s
default_internal_group = %[3]s
default_login_user = %[2]s
first_valid_uid = 1
first_valid_gid = 1
passdb {
  driver = static
  args = password=%[4]s
}
userdb {
  driver = static
  args = uid=%[2]s gid=%[3]s home=%[1]s/mail/%%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[5]d
  }
  inet_listener imaps {
    port = %[6]d
    ssl = yes
  }
}
service anvil {
  chroot =
}
`

func startDovecot() (Mailbox, error) {
	program, err := exec.LookPath("dovecot")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/dovecot"); err != nil {
			return Mailbox{}, fmt.Errorf("it is not installed (Debian: apt-get install dovecot-imapd)")
		}
	}
	removeStale(dovecotPrefix)
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", dovecotPrefix, os.Getpid()))
	if err != nil {
		return Mailbox{}, err
	}
	runAs, err := serverAccount(dir)
	if err != nil {
		return Mailbox{}, err
	}
	box := Mailbox{Password: "hemmelig-passord", CA: filepath.Join(dir, "cert.pem"), Conf: filepath.Join(dir, "dovecot.conf")}
	if box.IMAP, err = freePort(); err != nil {
		return Mailbox{}, err
	}
	if box.IMAPS, err = freePort(); err != nil {
		return Mailbox{}, err
	}
	cmd := exec.Command(program, "-F", "-c", box.Conf)
	cmd.Dir = dir
	runAs(cmd)
	name, group, err := accountOf(dir)
	if err != nil {
		return Mailbox{}, err
	}
	conf := fmt.Sprintf(dovecotConf, dir, name, group, box.Password, box.IMAP, box.IMAPS)
	if err := writeAll(dir, map[string]string{"dovecot.conf": conf}); err != nil {
		return Mailbox{}, err
	}
	if err := certificate(dir); err != nil {
		return Mailbox{}, err
	}
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if _, err := StartTied(cmd); err != nil {
		return Mailbox{}, fmt.Errorf("starting dovecot: %w", err)
	}
	if err := waitGreeting(box.IMAP); err != nil {
		said, _ := os.ReadFile(filepath.Join(dir, "dovecot.log"))
		return Mailbox{}, fmt.Errorf("%w: %s %s", err, lastLine(log.Bytes()), lastLine(said))
	}
	return box, nil
}

// accountOf gives the names of the account that owns a folder: the server runs as it.
func accountOf(dir string) (name, group string, err error) {
	uid, gid, err := owner(dir)
	if err != nil {
		return "", "", err
	}
	u, err := user.LookupId(uid)
	if err != nil {
		return "", "", err
	}
	g, err := user.LookupGroupId(gid)
	if err != nil {
		return "", "", err
	}
	return u.Username, g.Name, nil
}

// writeAll writes files that the account of the server can read.
func writeAll(dir string, files map[string]string) error {
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func certificate(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mininfo test"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(48 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writeAll(dir, map[string]string{
		"cert.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		"key.pem":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
	})
}

func waitGreeting(port int) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if greeted(port) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server did not answer within two minutes")
		case <-tick.C:
		}
	}
}

func greeted(port int) bool {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), 5*time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	b := make([]byte, 4)
	_, err = conn.Read(b)
	return err == nil && string(b) == "* OK"
}

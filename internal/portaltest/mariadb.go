package portaltest

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// mariaEnv names a private MariaDB server that the caller started already: the DSN (mariadb://…)
// of an account that may create databases and accounts.
const mariaEnv = "MININFO_TEST_MARIADB"

var maria struct {
	once sync.Once
	dsn  string
	err  error
}

// MariaDB gives the DSN (mariadb://…) of a fresh, empty database, dropped at the end of the test.
// It is reached over TLS, with a certificate that the DSN names.
// The server is private: started by the first test that asks, on a free port of the loopback
// address, and it dies with the test process. Without the server's program the test fails.
func MariaDB(t testing.TB) string {
	t.Helper()
	maria.once.Do(func() {
		if maria.dsn = os.Getenv(mariaEnv); maria.dsn == "" {
			maria.dsn, maria.err = startMariaDB()
		}
	})
	if maria.err != nil {
		t.Fatalf("MariaDB for tests: %v", maria.err)
	}
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		t.Fatal(err)
	}
	name := "t_" + hex.EncodeToString(id[:])
	admin := OpenMariaDB(t, maria.dsn)
	if _, err := admin.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE IF EXISTS " + name); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(maria.dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// OpenMariaDB opens a database of MariaDB's for the test itself. It takes several statements at once.
func OpenMariaDB(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	c := mysql.NewConfig()
	c.User, c.Net, c.Addr, c.DBName, c.MultiStatements = u.User.Username(), "tcp", u.Host, strings.TrimPrefix(u.Path, "/"), true
	c.Passwd, _ = u.User.Password()
	connector, err := mysql.NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

const mariaPrefix = "portaltest-mariadb-"

// startMariaDB makes the system tables in a temporary folder, from the scripts that come with the
// server, and starts it. It does not wait for the disk: the data lives no longer than the test.
func startMariaDB() (string, error) {
	program, err := mariaProgram()
	if err != nil {
		return "", err
	}
	removeStale(mariaPrefix)
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", mariaPrefix, os.Getpid()))
	if err != nil {
		return "", err
	}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		return "", err
	}
	// The account's own tables are made by the server itself at its first start.
	account := filepath.Join(dir, "account.sql")
	if err := os.WriteFile(account, []byte("CREATE USER portal@'127.0.0.1';\nGRANT ALL ON *.* TO portal@'127.0.0.1' WITH GRANT OPTION;\n"), 0o644); err != nil {
		return "", err
	}
	runAs, err := serverAccount(dir)
	if err != nil {
		return "", err
	}
	if err := ownedLike(data, dir); err != nil {
		return "", err
	}
	common := []string{"--no-defaults", "--datadir=" + data, "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=8M",
		"--innodb-buffer-pool-size=64M", "--innodb-use-native-aio=0", "--innodb-doublewrite=0", "--debug-no-sync", "--skip-log-bin", "--tmpdir=" + dir}
	if err := writeCertificate(dir); err != nil {
		return "", err
	}
	script, err := mariaSystemTables(program)
	if err != nil {
		return "", err
	}
	boot := exec.Command(program, append(common, "--bootstrap", "--silent-startup")...)
	boot.Dir, boot.Stdin = dir, bytes.NewReader(script)
	runAs(boot)
	if out, err := boot.CombinedOutput(); err != nil {
		return "", fmt.Errorf("making the system tables: %w: %s", err, lastLine(out))
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	var log bytes.Buffer
	cmd := exec.Command(program, append(common, "--init-file="+account, "--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", port),
		"--ssl-cert="+filepath.Join(dir, certificateFile), "--ssl-key="+filepath.Join(dir, "key.pem"),
		"--socket="+filepath.Join(dir, "s"), "--pid-file="+filepath.Join(dir, "pid"), "--skip-name-resolve", "--max-connections=200",
		"--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci")...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = &log, &log
	runAs(cmd)
	if _, err := StartTied(cmd); err != nil {
		return "", fmt.Errorf("starting mariadbd: %w", err)
	}
	dsn := fmt.Sprintf("mariadb://portal@127.0.0.1:%d/mysql?tls-ca=%s", port, url.QueryEscape(filepath.Join(dir, certificateFile)))
	if err := waitMariaDB(port); err != nil {
		return "", fmt.Errorf("%w: %s", err, lastLine(log.Bytes()))
	}
	return dsn, nil
}

const certificateFile = "certificate.pem"

// writeCertificate makes a certificate for the loopback address, signed by itself.
func writeCertificate(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a server for tests"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	// The key is worth nothing, and the server runs under another account.
	if err := os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o644); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, certificateFile), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
}

// mariaProgram finds the server.
func mariaProgram() (string, error) {
	for _, name := range []string{"mariadbd", "/usr/sbin/mariadbd", "/usr/libexec/mariadbd", "/opt/homebrew/opt/mariadb/bin/mariadbd", "/usr/local/opt/mariadb/bin/mariadbd"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("mariadbd is not installed (Debian: apt-get install mariadb-server-core)")
}

// mariaSystemTables gives the statements that make the system's own database.
func mariaSystemTables(program string) ([]byte, error) {
	resolved, err := filepath.EvalSymlinks(program)
	if err != nil {
		return nil, err
	}
	base := filepath.Dir(filepath.Dir(resolved))
	for _, dir := range []string{base + "/share/mysql", base + "/share/mariadb", base + "/share", "/usr/share/mysql", "/usr/share/mariadb"} {
		out := []byte("CREATE DATABASE mysql;\nUSE mysql;\n")
		whole := true
		for _, part := range []string{"system_tables", "performance_tables", "system_tables_data"} {
			text, err := os.ReadFile(filepath.Join(dir, "mysql_"+part+".sql"))
			if err != nil {
				text, err = os.ReadFile(filepath.Join(dir, "mariadb_"+part+".sql"))
			}
			whole = whole && err == nil
			out = append(append(out, text...), '\n')
		}
		if whole {
			return out, nil
		}
	}
	return nil, fmt.Errorf("the scripts with the system tables of %s are not there", program)
}

func waitMariaDB(port int) error {
	c := mysql.NewConfig()
	c.User, c.Net, c.Addr, c.Logger = "portal", "tcp", fmt.Sprintf("127.0.0.1:%d", port), &mysql.NopLogger{}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if db.PingContext(ctx) == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server did not answer within 60 seconds")
		case <-tick.C:
		}
	}
}

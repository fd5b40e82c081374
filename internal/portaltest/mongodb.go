package portaltest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// mongoEnv names a MongoDB server to be used instead of a private one: the DSN (mongodb://…) of an
// account that may make and drop databases.
const mongoEnv = "MININFO_TEST_MONGODB"

// ferretVersion is the FerretDB that scripts/setup makes.
const ferretVersion = "v1.24.2"

var documents struct {
	once sync.Once
	dsn  string
	err  error
}

// MongoDB gives the DSN (mongodb://…) of a fresh, empty database, dropped at the end of the test. The
// server is FerretDB, which speaks as MongoDB does and keeps its data in SQLite; it is private: started
// by the first test that asks, on a free port of the loopback address with TLS, and it dies with the
// test process. Without its program the test fails.
func MongoDB(t testing.TB) string {
	t.Helper()
	documents.once.Do(func() {
		if documents.dsn = os.Getenv(mongoEnv); documents.dsn == "" {
			documents.dsn, documents.err = startFerretDB()
		}
	})
	if documents.err != nil {
		t.Fatalf("MongoDB for tests: %v", documents.err)
	}
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(documents.dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/t_" + hex.EncodeToString(id[:])
	db := OpenMongoDB(t, u.String())
	t.Cleanup(func() {
		if err := db.Drop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return u.String()
}

// PrivateMongoDB tells whether the server is the one that the tests started: it stands alone, and holds
// no names with dots or dollar signs and no decimal numbers.
func PrivateMongoDB() bool { return os.Getenv(mongoEnv) == "" }

// OpenMongoDB opens a database of MongoDB's for the test itself.
func OpenMongoDB(t testing.TB, dsn string) *mongo.Database {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(dsn))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return client.Database(strings.TrimPrefix(u.Path, "/"))
}

const ferretPrefix = "portaltest-ferretdb-"

func startFerretDB() (string, error) {
	program, err := ferretProgram()
	if err != nil {
		return "", err
	}
	removeStale(ferretPrefix)
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", ferretPrefix, os.Getpid()))
	if err != nil {
		return "", err
	}
	for _, name := range []string{"data", "state"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			return "", err
		}
	}
	if err := writeCertificate(dir); err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	var log bytes.Buffer
	certificate := filepath.Join(dir, certificateFile)
	// Nobody but the test speaks to it, and it speaks to nobody.
	cmd := exec.Command(program, "--handler=sqlite", "--sqlite-url=file:"+filepath.Join(dir, "data")+"/", "--state-dir="+filepath.Join(dir, "state"),
		"--listen-addr=", fmt.Sprintf("--listen-tls=127.0.0.1:%d", port), "--listen-tls-cert-file="+certificate, "--listen-tls-key-file="+filepath.Join(dir, "key.pem"),
		"--debug-addr=-", "--telemetry=disable", "--log-level=error", "--test-enable-new-auth",
		"--setup-database=admin", "--setup-username=portal", "--setup-password=hemmelig-passord")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "DO_NOT_TRACK=1")
	cmd.Stdout, cmd.Stderr = &log, &log
	if _, err := StartTied(cmd); err != nil {
		return "", fmt.Errorf("starting FerretDB: %w", err)
	}
	dsn := fmt.Sprintf("mongodb://portal:hemmelig-passord@127.0.0.1:%d/admin?authSource=admin&tls=true&tlsCAFile=%s", port, url.QueryEscape(certificate))
	if err := waitMongoDB(dsn); err != nil {
		return "", fmt.Errorf("%w: %s", err, lastLine(log.Bytes()))
	}
	return dsn, nil
}

// ferretProgram finds the server where scripts/setup puts it.
func ferretProgram() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(cache, "mininfo", "ferretdb-"+ferretVersion)
	if _, err := os.Stat(path); err != nil {
		return "", errors.New("FerretDB is not there: run scripts/setup test")
	}
	return path, nil
}

func waitMongoDB(dsn string) error {
	client, err := mongo.Connect(options.Client().ApplyURI(dsn).SetServerSelectionTimeout(2 * time.Minute))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	defer func() { _ = client.Disconnect(ctx) }()
	if err := client.Database("admin").RunCommand(ctx, bson.D{{Key: "ping", Value: 1}}).Err(); err != nil {
		return fmt.Errorf("the server did not answer within two minutes: %w", err)
	}
	return nil
}

// Package mongodb connects a database of MongoDB, or of a server that speaks as it does. A collection
// is a table and a document a row; what lies inside documents and lists is reached by the paths of the
// dataset file. Documents have no schema of their own: columns and their types are what a bounded
// sample shows, and a field that it does not show may be there all the same (source.Table.Open).
//
// A replica set changes all rows of a plan or none, in one transaction. A server that stands alone has
// no transactions: there documents are changed one after the other, each only if it still is what was
// looked at, and what was changed before a failure stays changed (source.Stepwise).
package mongodb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"mininfo/internal/source"
)

// Kind is the name of this kind of source.
const Kind = "mongodb"

const (
	defaultTimeout = 5 * time.Minute  // of one question
	patience       = 30 * time.Second // for a server to be found
)

// Source is a database.
type Source struct {
	name     string
	dsn      source.Secret
	database string
	timeout  time.Duration

	mu     sync.Mutex
	client *mongo.Client
	server *server
}

// server is what a server says of itself.
type server struct {
	system       string
	transactions bool // a replica set, or a cluster of such
	snapshots    bool // can answer as of one moment
	batch        int  // changes in one command
}

var (
	_ source.Source  = (*Source)(nil)
	_ source.Finder  = (*Source)(nil)
	_ source.Changer = (*Source)(nil)
)

// settings are the options of a connection string that are known. Others are refused: some would
// have old copies of the data searched, or certificates not looked at. Those that name files are true.
var settings = map[string]bool{"authsource": false, "authmechanism": false, "replicaset": false, "tls": false, "ssl": false,
	"directconnection": false, "retrywrites": false, "w": false, "appname": false, "tlscafile": true, "tlscertificatekeyfile": true,
	"tlscertificatekeyfilepassword": false}

var mechanisms = []string{"SCRAM-SHA-1", "SCRAM-SHA-256", "MONGODB-X509", "PLAIN"}

// Open connects a database when it is first asked:
//
//	mongodb://USER:PASSWORD@HOST[:27017][,HOST…]/DATABASE?authSource=admin
//	mongodb+srv://USER:PASSWORD@NAME/DATABASE
//
// Only the options in settings are taken. With authMechanism=PLAIN the password is sent as it is, so
// that it wants TLS.
func Open(_ context.Context, c source.Config) (source.Source, error) {
	bad := &source.Error{Source: c.Name, Code: source.BadConfig}
	dsn, database, ok := parse(c.DSN.Reveal(), c.Dir)
	if !ok {
		return nil, bad
	}
	// The name of a mongodb+srv address is looked up when it is used.
	if strings.HasPrefix(dsn, "mongodb://") && options.Client().ApplyURI(dsn).Validate() != nil {
		return nil, bad
	}
	s := &Source{name: c.Name, dsn: source.NewSecret(dsn), database: database, timeout: c.Timeout}
	if s.timeout <= 0 {
		s.timeout = defaultTimeout
	}
	return s, nil
}

// parse checks a connection string and makes the paths in it absolute.
func parse(dsn, dir string) (whole, database string, ok bool) {
	scheme, rest, found := strings.Cut(dsn, "://")
	if scheme = strings.ToLower(scheme); !found || scheme != "mongodb" && scheme != "mongodb+srv" {
		return "", "", false
	}
	address, query, _ := strings.Cut(rest, "?")
	authority, name, _ := strings.Cut(address, "/")
	database, err := url.PathUnescape(name)
	if err != nil || database == "" || authority == "" || strings.ContainsAny(database, "/\\. \"$*<>:|?\x00") {
		return "", "", false
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", "", false
	}
	tls, plain := scheme == "mongodb+srv", false
	given := map[string]bool{}
	for key, list := range values {
		option := strings.ToLower(key)
		file, known := settings[option]
		if option == "ssl" {
			option = "tls"
		}
		// Said twice, it would be looked at here one way and used by the driver the other.
		if !known || len(list) != 1 || given[option] {
			return "", "", false
		}
		given[option] = true
		switch value := list[0]; option {
		case "tls":
			tls = value == "true"
		case "authmechanism":
			plain = value == "PLAIN"
			if !slices.Contains(mechanisms, value) {
				return "", "", false
			}
		}
		if file && !filepath.IsAbs(list[0]) && dir != "" {
			values.Set(key, filepath.Join(dir, list[0]))
		}
	}
	return scheme + "://" + address + "?" + values.Encode(), database, !plain || tls
}

// Format keeps the password out of logs and error texts: fmt looks into private fields without
// asking them.
func (s *Source) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("mongodb " + s.name)) }

// Name is the name of the source.
func (s *Source) Name() string { return s.name }

// Kind is "mongodb".
func (s *Source) Kind() string { return Kind }

// Close ends all connections.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := s.client.Disconnect(ctx)
	s.client, s.server = nil, nil
	return s.fail(ctx, err)
}

// silent is where the driver's log goes, whatever the environment says: it would hold rows.
type silent struct{}

func (silent) Info(int, string, ...any)    {}
func (silent) Error(error, string, ...any) {}

// connect gives the database, and what the server says of itself.
func (s *Source) connect(ctx context.Context) (*mongo.Database, *server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		journal := true
		o := options.Client().ApplyURI(s.dsn.Reveal()).SetAppName("mininfo").SetLoggerOptions(options.Logger().SetSink(silent{})).
			SetServerSelectionTimeout(min(patience, s.timeout)).SetConnectTimeout(min(patience, s.timeout)).SetMaxPoolSize(4).SetMaxConnIdleTime(time.Minute).
			SetWriteConcern(&writeconcern.WriteConcern{W: "majority", Journal: &journal})
		client, err := mongo.Connect(o)
		if err != nil {
			return nil, nil, s.unreachable(ctx)
		}
		s.client = client
	}
	db := s.client.Database(s.database)
	if s.server == nil {
		known, err := s.hello(ctx, db)
		if err != nil {
			return nil, nil, err
		}
		s.server = known
	}
	return db, s.server, nil
}

func (s *Source) unreachable(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &source.Error{Source: s.name, Code: source.Unreachable}
}

// The versions of the protocol from which on replica sets, and clusters, have transactions, and
// sessions that read as of one moment.
const (
	wireTransactions = 7
	wireSharded      = 8
	wireSnapshots    = 13
)

func (s *Source) hello(ctx context.Context, db *mongo.Database) (*server, error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	var hello struct {
		SetName string `bson:"setName"`
		Message string `bson:"msg"`
		Wire    int    `bson:"maxWireVersion"`
		Primary bool   `bson:"isWritablePrimary"`
	}
	if err := db.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
		return nil, s.fail(ctx, err)
	}
	if !hello.Primary {
		// A copy may lag behind: what it does not hold yet would pass for what is not there.
		return nil, &source.Error{Source: s.name, Code: source.Unreachable, State: "not_primary"}
	}
	var build struct {
		Version string `bson:"version"`
		Ferret  string `bson:"ferretdbVersion"`
	}
	if err := db.RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Decode(&build); err != nil {
		return nil, s.fail(ctx, err)
	}
	out := &server{system: "MongoDB " + build.Version, batch: writeAtOnce}
	if build.Ferret != "" {
		out.system = "FerretDB " + strings.TrimPrefix(build.Ferret, "v")
		if strings.HasPrefix(build.Ferret, "v1.") {
			// Its SQLite backend holds a connection for each change of a command, and waits for ever
			// when there are no more.
			out.batch = 1
		}
	}
	replicas, cluster := hello.SetName != "", hello.Message == "isdbgrid"
	out.transactions = replicas && hello.Wire >= wireTransactions || cluster && hello.Wire >= wireSharded
	out.snapshots = (replicas || cluster) && hello.Wire >= wireSnapshots
	return out, nil
}

// shut ends a cursor, whatever became of the question.
func shut(ctx context.Context, c *mongo.Cursor) {
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = c.Close(short)
}

// limit bounds the time of one question. The driver tells the server, which stops by itself.
func (s *Source) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, s.timeout, &source.Error{Source: s.name, Code: source.TimedOut})
}

// codes of the server that mean something to us.
var codes = map[int]source.Code{
	13:    source.Denied,      // Unauthorized
	8000:  source.Unreachable, // AtlasError: the account is not known
	18:    source.Unreachable, // AuthenticationFailed
	11:    source.Unreachable, // UserNotFound
	91:    source.Unreachable, // ShutdownInProgress
	189:   source.Unreachable, // PrimarySteppedDown
	10107: source.Unreachable, // NotWritablePrimary
	11600: source.Unreachable, // InterruptedAtShutdown
	13435: source.Unreachable, // NotPrimaryNoSecondaryOk
	26:    source.Missing,     // NamespaceNotFound
	50:    source.TimedOut,    // MaxTimeMSExpired
	262:   source.TimedOut,    // ExceededTimeLimit
	290:   source.TimedOut,    // TransactionExceededLifetimeLimitSeconds
	239:   source.TimedOut,    // SnapshotTooOld
	246:   source.TimedOut,    // SnapshotUnavailable
	24:    source.Locked,      // LockTimeout
	46:    source.Locked,      // LockBusy
	112:   source.Locked,      // WriteConflict
	251:   source.Locked,      // NoSuchTransaction: the server gave it up
	121:   source.Constraint,  // DocumentValidationFailure
	11000: source.Constraint,  // DuplicateKey
}

// fail turns a driver's error into one that may be logged: the server's texts quote documents.
func (s *Source) fail(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var own *source.Error
	if errors.As(err, &own) {
		return own
	}
	out := &source.Error{Source: s.name, Code: source.Unreachable}
	var answered mongo.ServerError
	if errors.As(err, &answered) {
		out.Code = source.FailedSystem
		for _, code := range answered.ErrorCodes() {
			if known, ok := codes[code]; ok || out.State == "" && code != 0 {
				out.State = strconv.Itoa(code)
				out.Code = cmp.Or(known, out.Code)
			}
		}
		if answered.HasErrorLabel("NetworkError") {
			out.Code = source.Unreachable
		}
		return out
	}
	var nobody topology.ServerSelectionError
	if mongo.IsTimeout(err) && !errors.As(err, &nobody) {
		out.Code = source.TimedOut
	}
	return out
}

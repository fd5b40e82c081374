package main_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mininfo/api"
	"mininfo/internal/demo"
	"mininfo/internal/portaltest"
)

// canary is a value that stands in one field of one row and nowhere else.
type canary struct {
	source, collection, field, key string
	about                          string   // what the dataset file calls the collection
	value                          string   // as the company's database holds it
	shown                          []string // as a page for people may write it
}

// plantedPerson is a person who is in every collection of every source, with a canary in every
// annotated field of one row of each.
type plantedPerson struct {
	person   demo.Person
	canaries []canary
	foreign  []string // in rows of others
	private  []string // of this person, beside the canaries
	members  []string // names and secrets of the office's members
}

// plant makes the person with most data a supplier, a contact, an employee and a next of kin as
// well, and puts the canaries.
func plant(t *testing.T, c *Company) plantedPerson {
	t.Helper()
	p := plantedPerson{person: demo.MostData}
	mail := p.person.Email
	same := func(source, table, column, where, old string) {
		statement := "UPDATE " + c.at(source, table) + " SET " + c.col(table, column) + " = ? WHERE " + c.col(table, where) + " = ?"
		if c.exec(source, statement, mail, old) == 0 {
			t.Fatalf("nobody in %s.%s has %s", source, table, old)
		}
	}
	same("office", "suppliers", "email", "email", demo.SoleProprietor.Email)
	same("office", "contact_persons", "email", "email", demo.Contact.Email)
	same("people", "employees", "private_email", "private_email", demo.Employee.Email)
	s := c.State()
	// So are a reminder, a ban and what the police got.
	first := func(table, column, value string) {
		c.exec("office", "UPDATE "+c.at("office", table)+" SET "+c.col(table, column)+" = ? WHERE "+c.col(table, "id")+" = 1", value)
	}
	for key, r := range s["office.parties"] {
		if r["customer_no"] == p.person.CustomerNo {
			first("reminders", "party_id", key)
			first("police_disclosures", "party_id", key)
			first("bans", "customer_no", p.person.CustomerNo)
		}
	}
	// A network address that this person has used is blocked.
	for key := range s["webshop.web_logs"] {
		ip := s["webshop.web_logs"][key]["ip"]
		if s.owned(mail)["webshop.web_logs "+key] && ip != null {
			c.exec("office", "UPDATE "+c.at("office", "blocked_addresses")+" SET "+c.col("blocked_addresses", "ip")+" = ? WHERE "+c.col("blocked_addresses", "id")+" = (SELECT min("+c.col("blocked_addresses", "id")+") FROM "+c.at("office", "blocked_addresses")+")", ip)
			break
		}
	}
	s = c.State()
	mine := s.owned(addressesOf(p.person)...)
	number := 0
	for _, source := range demo.Sources {
		for _, each := range c.collections(source) {
			key := pick(s, mine, source+"."+each.Name)
			if each.Name == "addresses" {
				key = s["webshop.customers"][pick(s, mine, "webshop.customers")]["address_id"] // shared, and also this person's
			}
			if key == "" {
				t.Fatalf("the person has no row of the own in %s.%s", source, each.Name)
			}
			for i, f := range each.Fields {
				number++
				if found, ok := c.putCanary(source, each, i, f, key, number, s); ok {
					p.canaries = append(p.canaries, found)
				}
			}
			p.foreign = append(p.foreign, c.putForeign(source, each, s, mine)...)
		}
	}
	p.private = []string{p.person.First + " " + p.person.Last, p.person.Email, p.person.Phone, p.person.CustomerNo}
	return p
}

func pick(s State, mine map[string]bool, table string) string {
	var keys []string
	for key := range s[table] {
		if mine[table+" "+key] {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	if len(keys) == 0 {
		return ""
	}
	return keys[0]
}

// putCanary gives a field a value of its own. Keys, references and what a person is found by stay:
// there the value itself is the canary, as far as it is one.
func (c *Company) putCanary(source string, in collection, position int, f annotated, key string, number int, s State) (canary, bool) {
	c.t.Helper()
	if len(f.Categories) == 0 {
		return canary{}, false
	}
	out := canary{source: source, collection: in.Name, field: f.Name, key: key, about: strings.FieldsFunc(in.Description, func(r rune) bool { return r == ':' || r == '.' })[0]}
	fixed := position == 0 || f.Meta.Key || f.Meta.Identity != "" || len(f.Meta.References) > 0 || f.Name == "ip"
	switch {
	case fixed:
		out.value = s[source+"."+in.Name][key][f.Name]
		out.shown = []string{out.value}
		return out, out.value != null && len(out.value) > 5
	case f.Meta.Type == "boolean":
		return canary{}, false // has no room for one
	case f.Meta.Type == "integer":
		out.value = strconv.Itoa(91_000_000 + number*7)
		out.shown = []string{out.value}
	case f.Meta.Type == "" && strings.HasSuffix(f.Name, "_on") || f.Name == "birth_date":
		day := time.Date(1931, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, number*3)
		out.value, out.shown = day.Format("2006-01-02"), dates(day)
	case f.Meta.Type == "":
		at := time.Date(1961, 1, 1, 12, 34, 0, 0, time.UTC).AddDate(0, 0, number*3)
		out.value, out.shown = at.Format("2006-01-02"), dates(at)
		c.exec(source, "UPDATE "+c.at(source, in.Name)+" SET "+c.col(in.Name, f.Name)+" = ? WHERE "+c.col(in.Name, in.Fields[0].Name)+" = ?", at.Format("2006-01-02 15:04:05"), key)
		return out, true
	default:
		out.value = fmt.Sprintf("KANARI-%04d-FUGL", number)
		out.shown = []string{out.value}
	}
	c.exec(source, "UPDATE "+c.at(source, in.Name)+" SET "+c.col(in.Name, f.Name)+" = ? WHERE "+c.col(in.Name, in.Fields[0].Name)+" = ?", out.value, key)
	return out, true
}

var monthNames = []string{"januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "desember"}

// dates gives the ways in which a page may write a day.
func dates(d time.Time) []string {
	return []string{d.Format("2006-01-02"), d.Format("02.01.2006"), d.Format("2.1.2006"),
		fmt.Sprintf("%d. %s %d", d.Day(), monthNames[d.Month()-1], d.Year())}
}

// putForeign puts a value into rows that are not this person's and that this person's rows do not
// refer to.
func (c *Company) putForeign(source string, in collection, s State, mine map[string]bool) []string {
	c.t.Helper()
	referred := map[string]bool{}
	for at := range mine {
		if table, key, _ := strings.Cut(at, " "); table == "webshop.customers" || table == "webshop.orders" {
			referred[s[table][key]["address_id"]], referred[s[table][key]["delivery_address_id"]] = true, true
		}
	}
	at := slices.IndexFunc(in.Fields, func(f annotated) bool {
		return len(f.Categories) > 0 && f.Meta.Type == "string" && f.Meta.Identity == "" && !f.Meta.Key && len(f.Meta.References) == 0 && f.Name != "ip"
	})
	if at < 0 {
		return nil
	}
	var keys []string
	for key := range s[source+"."+in.Name] {
		if !mine[source+"."+in.Name+" "+key] && (in.Name != "addresses" || !referred[key]) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var values []string
	for i := 0; i < len(keys) && i < 2000; i += max(1, len(keys)/25) {
		value := fmt.Sprintf("FREMMED-%s-%d", in.Name, i)
		c.exec(source, "UPDATE "+c.at(source, in.Name)+" SET "+c.col(in.Name, in.Fields[at].Name)+" = ? WHERE "+c.col(in.Name, in.Fields[0].Name)+" = ?", value[:min(40, len(value))], keys[i])
		values = append(values, value[:min(40, len(value))])
	}
	return values
}

// A canary in every annotated field of every source: each is in the page, the JSON and the CSV or
// is listed as left out, nobody else's is, and none is anywhere else. Who the office's members are stands nowhere
// in the clear either: not in the log, the tables, the files or a mail.
func TestCanaries(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { canaries(t, Setup{}) })
	t.Run("postgres", func(t *testing.T) {
		// All that was ever written stands in the log of a server that keeps all of it.
		canaries(t, Setup{Postgres: true, Cluster: portaltest.PostgresCluster(t, "wal_keep_size=2GB", "wal_compression=off")})
	})
}

func canaries(t *testing.T, s Setup) {
	p, first, second := office(t, s)
	planted := plant(t, p.Company)
	planted.members = []string{first.Name, first.Password, first.Secret, second.Name, second.Secret}
	person := newPerson(t, p, planted.person.Email)
	person.Prove(api.RightAccess)
	name := planted.person.Name()
	text := "Hva vet dere om PROEVETEKST-FRA-PERSONEN?"
	filed := person.File(api.NewRequest{Right: api.RightAccess, Name: &name, Text: &text})
	first.Settle(filed.Id, api.DecisionActionWithhold)
	first.act(filed.Id, "message", map[string]any{"text": "Vi er i gang, MELDING-TIL-PERSONEN."})
	person.must("POST", "/requests/"+filed.Id+"/messages", map[string]any{"text": "Takk, MELDING-FRA-PERSONEN."}, nil)
	second.Approve(filed.Id) // some of it is of special categories
	first.Await(filed.Id, "the package is ready", func(c api.Case) bool { return c.Package != nil && c.Package.State == api.PackageStateReady })
	first.act(filed.Id, "answer", map[string]any{})
	content := person.Download(filed.Id)
	files := unzip(t, content)
	t.Run("package", func(t *testing.T) { inPackage(t, files, planted) })
	// Refusals, so that there are problems to look through.
	person.Do("POST", "/requests/"+filed.Id+"/step-up/redeem", map[string]string{"code": "0000-0000"})
	person.Do("POST", "/requests", map[string]any{"right": "access", "locale": "nb", "name": name, "what": planted.person.Email})
	newPerson(t, p, "x").Do("POST", "/verifications", map[string]any{"email": planted.person.Email + "@" + planted.person.Email, "locale": "nb"})
	until(t, "no mail waits", func() bool {
		return len(query(t, p, "SELECT id FROM job WHERE state = 'ready' AND key NOT LIKE '%@%'")) == 0
	})
	p.Stop()
	t.Run("nowhere else", func(t *testing.T) { nowhereElse(t, p, planted, files) })
}

func unzip(t *testing.T, content []byte) map[string][]byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Close()
		files[f.Name] = data
	}
	return files
}

// delivered is data.json as far as the canaries need it.
type delivered struct {
	Purposes []struct {
		Tables []struct {
			Source, Collection string
			Rows               []struct {
				Key      string
				Values   map[string]any
				Withheld map[string]string
			}
		}
	}
	Withheld []map[string]any
}

func inPackage(t *testing.T, files map[string][]byte, planted plantedPerson) {
	var data delivered
	if err := json.Unmarshal(files["data.json"], &data); err != nil {
		t.Fatal(err)
	}
	leftOut := map[string]bool{}
	for _, p := range data.Purposes {
		for _, table := range p.Tables {
			for _, r := range table.Rows {
				for field := range r.Withheld {
					leftOut[table.Source+"."+table.Collection+"."+field] = true
				}
			}
		}
	}
	var page, csv string
	for name, content := range files {
		switch filepath.Ext(name) {
		case ".html":
			page += html.UnescapeString(string(content))
		case ".csv":
			csv += string(content)
		}
	}
	listed, found := 0, 0
	for _, c := range planted.canaries {
		at := c.source + "." + c.collection + "." + c.field
		inJSON := bytes.Contains(files["data.json"], []byte(c.value))
		if !inJSON {
			if leftOut[at] || listedAsWithheld(data, c) {
				listed++
				continue
			}
			t.Errorf("%s (%s) is neither in data.json nor listed as left out: %v", at, c.value, data.Withheld)
			continue
		}
		found++
		if !strings.Contains(csv, c.value) {
			t.Errorf("%s (%s) is in data.json and in no CSV", at, c.value)
		}
		if !slices.ContainsFunc(c.shown, func(s string) bool { return strings.Contains(page, s) || strings.Contains(spaceless(page), s) }) {
			t.Errorf("%s (%s) is in data.json and not on the page", at, c.value)
		}
	}
	t.Logf("%d canaries delivered, %d listed as left out", found, listed)
	if found < 80 || listed == 0 {
		t.Errorf("%d canaries were delivered and %d left out: there must be some of both", found, listed)
	}
	for _, value := range planted.foreign {
		for name, content := range files {
			if bytes.Contains(content, []byte(value)) {
				t.Errorf("%s holds %s, which is somebody else's", name, value)
			}
		}
	}
}

func spaceless(s string) string {
	return strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "&nbsp;", "", "&#160;", "").Replace(s)
}

// listedAsWithheld: the package says of the collection, or a part of it, that it was left out, and why.
func listedAsWithheld(data delivered, c canary) bool {
	return slices.ContainsFunc(data.Withheld, func(w map[string]any) bool {
		what, _ := w["what"].(string)
		why, _ := w["text"].(string)
		return strings.Contains(what, c.about) && why != ""
	})
}

// place is where something could have leaked to.
type place struct {
	name    string
	content []byte
}

// nowhereElse looks for the person's values and for secrets wherever they must not be; a control
// shows that the search finds them where they have to be.
func nowhereElse(t *testing.T, p *Portal, planted plantedPerson, files map[string][]byte) {
	values := append([]string{"PROEVETEKST-FRA-PERSONEN", "MELDING-TIL-PERSONEN", "MELDING-FRA-PERSONEN"}, planted.private...)
	values = append(values, planted.members...)
	for _, c := range planted.canaries {
		if strings.HasPrefix(c.value, "KANARI") {
			values = append(values, c.value)
		}
	}
	p.Traffic.mu.Lock()
	secrets := slices.Clone(p.Traffic.Secrets)
	places := []place{
		{"the paths of requests", []byte(strings.Join(p.Traffic.Paths, "\n"))},
		{"the problems told", bytes.Join(p.Traffic.Problems, []byte("\n"))},
	}
	p.Traffic.mu.Unlock()
	places = append(places, place{"the program's log", p.Log()}, place{"the portal's tables", dump(t, p)})
	places = append(places, filesUnder(t, p.Dir)...)
	if p.Cluster != nil {
		written := p.Cluster.WriteAheadLog(t)
		if id := query(t, p, "SELECT public_id FROM request"); !bytes.Contains(written, []byte(id[0][0])) {
			t.Error("the search does not even find a case in what the server has written")
		}
		places = append(places, place{"what the database server has written", written})
	}
	for _, at := range places {
		for _, v := range append(slices.Clone(values), secrets...) {
			if len(v) > 5 && bytes.Contains(at.content, []byte(v)) {
				t.Errorf("%s holds %q", at.name, v)
			}
		}
	}
	for _, l := range p.Mail.All() {
		for _, v := range values {
			// A mail names the address that it goes to in its header, and nobody anywhere else.
			if strings.Contains(l.Text+l.Subject, v) {
				t.Errorf("the mail %q holds %q", l.Subject, v)
			}
		}
	}
	control(t, p, planted, files, secrets)
}

// control: the same search finds what it looks for where it has to be.
func control(t *testing.T, p *Portal, planted plantedPerson, files map[string][]byte, secrets []string) {
	t.Helper()
	company := bytes.Buffer{}
	for _, f := range filesUnder(t, p.Company.Dir) {
		company.Write(f.content)
	}
	for _, c := range planted.canaries {
		if strings.HasPrefix(c.value, "KANARI") && !bytes.Contains(company.Bytes(), []byte(c.value)) {
			t.Errorf("the search does not even find %s in the company's own files", c.value)
		}
	}
	if !bytes.Contains(files["data.json"], []byte(planted.person.Email)) {
		t.Error("the search does not even find the address in the package")
	}
	codes := 0
	for _, l := range p.Mail.All() {
		if slices.ContainsFunc(secrets, func(s string) bool { return strings.Contains(l.Text, s) }) {
			codes++
		}
	}
	if codes == 0 {
		t.Error("the search does not even find a code in the mails")
	}
	if len(p.Traffic.Problems) == 0 || len(p.Log()) == 0 || len(dump(t, p)) < 10_000 {
		t.Error("there was nothing to look through")
	}
}

// dump gives every value of every table of the portal's own database as text.
func dump(t *testing.T, p *Portal) []byte {
	t.Helper()
	list := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
	if p.Postgres {
		list = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
	}
	var b bytes.Buffer
	for _, table := range query(t, p, list) {
		switch table[0] {
		case "source", "source_version", "version": // what the office says about itself and its systems
			continue
		}
		for _, row := range query(t, p, "SELECT * FROM "+table[0]) {
			for _, v := range row {
				b.WriteString(v + "\t")
			}
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

// filesUnder reads every file in a folder.
func filesUnder(t *testing.T, dir string) []place {
	t.Helper()
	var list []place
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		list = append(list, place{"the file " + filepath.Base(path), content}, place{"the file " + filepath.Base(path) + " read as base64", decoded(content)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func decoded(content []byte) []byte {
	out, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(content)))
	if err != nil {
		return nil
	}
	return out
}

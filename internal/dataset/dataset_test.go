package dataset_test

import (
	"fmt"
	"strings"
	"testing"

	"mininfo/internal/dataset"
	"mininfo/internal/locale"
)

const good = `dataset:
- fides_key: shop
  name: Shop
  tags: [a]
  meta: {anything: {goes: here}}
  organization_fides_key: default_organization
  data_categories: [user]
  fides_meta: {resource_id: x, after: [web], namespace: {schema: sales, database_name: db}, redact: name}
  mininfo: {activity: sales}
  collections:
  - name: orders
    description: null
    fidesops_meta: {after: [web.visits], erase_after: [shop.lines], partitioning: {field: x}, masking_strategy_override: {strategy: delete}}
    mininfo: {activity: orders, retention_from: at, received: at, source_of: the person}
    fields:
    - name: id
      fides_meta: {primary_key: True, data_type: integer}
    - name: at
    - name: customer
      data_categories: [user.contact.email]
      fidesops_meta:
        identity: email
        data_type: string
        length: 40
        references:
        - {dataset: web, field: visits.who.mail, direction: from}
        masking_strategy_override: {strategy: string_rewrite, configuration: {rewrite_value: x, format_preservation: {suffix: "@x"}}}
    - name: tags
      fides_meta: {data_type: "string[]", return_all_elements: true, custom_request_field: tag, read_only: true}
      mininfo: {activity: tagging, third_party: true, special: health, national_id: true}
  - name: lines
    fields:
    - name: order_id
      fides_meta: {references: [{dataset: shop, field: orders.id}]}
- fides_key: web
  collections:
  - name: visits
    fields:
    - name: who
      fides_meta: {data_type: object}
      fields:
      - name: mail
`

func TestReadsTheWholeFormat(t *testing.T) {
	t.Parallel()
	list, problems := dataset.Read("shop.yaml", []byte(good))
	if err := append(problems, dataset.Check(list)...).Err(); err != nil {
		t.Fatal(err)
	}
	d := list[0]
	orders, _ := d.Collection("orders")
	customer, _ := orders.Field("customer")
	tags, _ := orders.Field("tags")
	id, _ := orders.Field("id")
	got := fmt.Sprint(d.Schema, d.DatabaseName, d.Activity, d.After, orders.EraseAfter, orders.After, orders.Override.Strategy, orders.RetentionFrom,
		orders.Received, orders.SourceOf, customer.Identity, customer.Length, *customer.Override.Config.RewriteValue, customer.Override.Config.Suffix,
		tags.Array, tags.ReturnAllElements, tags.ReadOnly, tags.ThirdParty, tags.Special, tags.NationalID, id.PrimaryKey,
		d.CategoriesOf(orders, id), d.CategoriesOf(orders, customer), d.ActivityOf(orders, tags), d.ActivityOf(orders, id))
	want := "salesdbsales[web][shop.lines][web.visits]delete at at the person email40x@xtruetruetruetruehealthtruetrue [user][user.contact.email]tagging orders"
	if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// Every mistake names its line and says what to write.
func TestMistakesAreToldWithLineAndRemedy(t *testing.T) {
	t.Parallel()
	cases := []struct{ from, to, where, says string }{
		{"data_type: integer", "data_typ: integer", "shop.yaml:17:", "data_type"},
		{"    - name: at\n", "    - nme: at\n", "shop.yaml:18:", `"name"`},
		{"user.contact.email", "user.contact.emial", "shop.yaml:20:", "user.contact.email"},
		{"user.contact.email", "user.provided.identifiable.contact.email", "shop.yaml:20:", "user.contact.email"},
		{"direction: from", "direction: form", "shop.yaml:26:", "from"},
		{"strategy: string_rewrite", "strategy: string_rewrit", "shop.yaml:27:", "string_rewrite"},
		{"rewrite_value: x,", "", "shop.yaml:27:", "rewrite_value"},
		{"rewrite_value: x", "length: 3", "shop.yaml:27:", "length"},
		{"data_type: string\n", "data_type: integer\n", "shop.yaml:24:", "length"},
		{"data_type: string\n", "data_type: text\n", "shop.yaml:23:", "string"},
		{"length: 40", "length: -1", "shop.yaml:24:", "above 0"},
		{`data_type: "string[]"`, "data_type: string", "shop.yaml:29:", "[]"},
		{"primary_key: True", "primary_key: yes", "shop.yaml:17:", "true"},
		{"name: lines", "name: orders", "shop.yaml:31:", "taken"},
		{"fides_key: web", "fides_key: shop", "shop.yaml:35:", "taken"},
		{"fides_key: web", "fides_key: we b", "shop.yaml:35:", "letters"},
		{"dataset: shop, field: orders.id", "dataset: shp, field: orders.id", "shop.yaml:34:", "shop"},
		{"field: orders.id", "field: order.id", "shop.yaml:34:", "orders"},
		{"field: orders.id", "field: orders.ids", "shop.yaml:34:", "id"},
		{"field: orders.id", "field: lines.order_id", "shop.yaml:34:", "itself"},
		{"field: orders.id", "field: orders", "shop.yaml:34:", "collection.field"},
		{"field: visits.who.mail", "field: visits.who", "shop.yaml:26:", "holds a value"},
		{"retention_from: at", "retention_from: att", "shop.yaml:14:", "at?"},
		{"retention_from: at", "restriction: {field: att, value: 1}", "shop.yaml:14:", "at?"},
		{"retention_from: at", "restriction: {field: at}", "shop.yaml:14:", "value"},
		{"retention_from: at", "restriction: {field: id, value: 1}", "shop.yaml:14:", "plain column"},
		{"retention_from: at", "restriction: {field: customer, value: 1}", "shop.yaml:14:", "plain column"},
		{"retention_from: at", "restriction: {field: at, value: 1, lifted: 1}", "shop.yaml:14:", "the same"},
		{"retention_from: at", "restriction: {field: at, value: 1, lift: 0}", "shop.yaml:14:", "lifted"},
		{"retention_from: at", "statement: tags", "shop.yaml:14:", "plain column"},
		{"retention_from: at", "statement: at", "shop.yaml:14:", "data_categories"},
		{"erase_after: [shop.lines]", "erase_after: [shop.line]", "shop.yaml:11:", "dataset.collection"},
		{"masking_strategy_override: {strategy: delete}", "masking_strategy_override: {strategy: hash}", "shop.yaml:13:", "delete"},
		{"data_type: object}", "data_type: string}", "shop.yaml:40:", "object"},
		{"    - name: at\n", "    - name: at\n      name: at\n", "shop.yaml:19:", "twice"},
		{"redact: name", "redact: all", "shop.yaml:8:", "name"},
		{"  tags: [a]", "  tags: [a", "shop.yaml:", "YAML"},
		{"- fides_key: shop\n  name: Shop", "- name: Shop", "shop.yaml:2:", "fides_key"},
		{"dataset:\n", "datasets:\n", "shop.yaml:1:", `"dataset"`},
		{"mininfo: {activity: sales}", "mininfo: {activty: sales}", "shop.yaml:9:", "activity"},
		{"    - name: at\n", "    - name: at\n      identity: email\n", "shop.yaml:19:", "identity"},
	}
	for _, c := range cases {
		if !strings.Contains(good, c.from) {
			t.Fatalf("the case %q does not fit the file", c.from)
		}
		list, problems := dataset.Read("shop.yaml", []byte(strings.Replace(good, c.from, c.to, 1)))
		problems = append(problems, dataset.Check(list)...)
		found := false
		for _, line := range strings.Split(problems.Error(), "\n") {
			found = found || strings.HasPrefix(line, c.where) && strings.Contains(line, c.says)
		}
		if !found {
			t.Errorf("%q → %q: want %s … %s, got\n%s", c.from, c.to, c.where, c.says, problems.Error())
		}
		for _, p := range problems {
			if !p.Text.Complete() || strings.Contains(p.Text.EN+p.Text.NB+p.Text.NN, "%!") {
				t.Errorf("%q: a text is missing or ill-formed: %+v", c.to, p.Text)
			}
		}
	}
}

func TestAllProblemsAreGivenAtOnce(t *testing.T) {
	t.Parallel()
	bad := strings.NewReplacer("data_type: integer", "data_typ: integer", "direction: from", "direction: x", "user.contact.email", "user.nonsense").Replace(good)
	_, problems := dataset.Read("f", []byte(bad))
	if len(problems) != 3 {
		t.Errorf("%d problems:\n%s", len(problems), problems.In(locale.NB))
	}
}

func TestAnIPAddressNeedsItsTime(t *testing.T) {
	t.Parallel()
	without := "dataset:\n- fides_key: w\n  collections:\n  - name: logins\n    fields:\n    - {name: at}\n    - {name: ip, fides_meta: {identity: ip_address}}\n"
	_, problems := dataset.Read("w.yaml", []byte(without))
	if len(problems) != 1 || problems[0].Line != 7 || !strings.Contains(problems.Error(), "received") {
		t.Errorf("got %v", problems)
	}
	if _, problems := dataset.Read("w.yaml", []byte(strings.Replace(without, "    fields:", "    mininfo: {received: at}\n    fields:", 1))); len(problems) > 0 {
		t.Errorf("got %v", problems)
	}
}

func TestALogOfDisclosuresNamesFieldsThatAreRead(t *testing.T) {
	t.Parallel()
	const log = "dataset:\n- fides_key: w\n  collections:\n  - name: given\n    mininfo: {disclosure: {recipient: to, at: day}}\n    fields:\n    - {name: to, data_categories: [user]}\n    - {name: day, data_categories: [user]}\n"
	sets, problems := dataset.Read("w.yaml", []byte(log))
	if len(problems) > 0 || sets[0].Collections[0].Disclosure == nil || sets[0].Collections[0].Disclosure.At != "day" {
		t.Fatalf("got %v", problems)
	}
	for old, bad := range map[string]string{"at: day": "at: dya", "recipient: to, ": "", "{name: to, data_categories: [user]}": "{name: to}", "at: day}": "at: day, why: to}"} {
		if _, problems := dataset.Read("w.yaml", []byte(strings.Replace(log, old, bad, 1))); len(problems) != 1 {
			t.Errorf("%s: %v", bad, problems)
		}
	}
}

func TestHostileFilesEnd(t *testing.T) {
	t.Parallel()
	bomb := "dataset:\n- &a {fides_key: x, collections: [&b {name: y, fields: [&c {name: z, fields: [*b, *b]}]}]}\n"
	for _, text := range []string{"", "null", "[]", "dataset: 3", "dataset: [3]", "dataset:\n- null", "a: &a [*a]", bomb, "\x00", "dataset:\n- {fides_key: [x], collections: {}}", strings.Repeat("[", 10000), strings.Repeat("x", 17<<20)} {
		if _, problems := dataset.Read("f", []byte(text)); len(problems) == 0 {
			t.Errorf("%.40q was taken", text)
		}
	}
}

func TestCategoriesAreMatchedByWholeSegments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit, category string
		want            bool
	}{{"user", "user.contact", true}, {"user.device.cookie", "user.device.cookie_id", false}, {"user.contact", "user.contact", true},
		{"user.contact.email", "user.contact", false}, {"use", "user", false}} {
		if got := dataset.Covers(c.limit, c.category); got != c.want {
			t.Errorf("Covers(%q, %q) = %v", c.limit, c.category, got)
		}
	}
}

func TestTaxonomyIsComplete(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list []dataset.Label
		want int
	}{{dataset.Categories(), 86}, {dataset.Uses(), 54}, {dataset.Subjects(), 15}} {
		if len(c.list) != c.want {
			t.Errorf("%d keys, want %d", len(c.list), c.want)
		}
		keys := map[string]bool{"": true}
		for _, l := range c.list {
			keys[l.Key] = true
		}
		for _, l := range c.list {
			if !l.Name.Complete() || !keys[l.Parent] || l.Parent != "" && !dataset.Covers(l.Parent, l.Key) {
				t.Errorf("%+v", l)
			}
		}
	}
}

func TestDirectionsAndOrders(t *testing.T) {
	t.Parallel()
	list, problems := dataset.Read("f", []byte(good))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	g := dataset.NewGraph(list)
	var edges []string
	for _, e := range g.Edges {
		edges = append(edges, fmt.Sprintf("%s.%s>%s.%s/%v%v", g.Nodes[e.From].Name(), e.FromField, g.Nodes[e.To].Name(), e.ToField, e.Up, e.Undirected))
	}
	want := "[web.visits.who.mail>shop.orders.customer/falsefalse shop.lines.order_id>shop.orders.id/truetrue shop.orders.id>shop.lines.order_id/falsetrue]"
	if fmt.Sprint(edges) != want {
		t.Errorf("\n got %v\nwant %s", edges, want)
	}
	names := func(order []int) string {
		var out []string
		for _, i := range order {
			out = append(out, g.Nodes[i].Name())
		}
		return fmt.Sprint(out)
	}
	if got := names(g.WalkOrder([]string{"email"})); got != "[shop.orders shop.lines web.visits]" {
		t.Errorf("walk order %s", got)
	}
	if got := names(g.EraseOrder()); got != "[shop.lines shop.orders web.visits]" {
		t.Errorf("erase order %s", got)
	}
	if got := fmt.Sprint(g.Reachable([]string{"email"}), g.Reachable([]string{"phone_number"})); got != "[true true false] [false false false]" {
		t.Errorf("reachable %s", got)
	}
}

func TestEraseOrdersThatGoInACircle(t *testing.T) {
	t.Parallel()
	list, problems := dataset.Read("f", []byte(`dataset:
- fides_key: s
  collections:
  - name: a
    fides_meta: {erase_after: [s.b]}
    fields: [{name: x}]
  - name: b
    fides_meta: {erase_after: [s.a]}
    fields: [{name: x}]
`))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if p := dataset.Check(list); len(p) != 1 || !strings.Contains(p.Error(), "circle") {
		t.Errorf("%v", p)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(good)
	f.Fuzz(func(t *testing.T, text string) {
		list, problems := dataset.Read("f", []byte(text))
		if len(problems) == 0 {
			dataset.NewGraph(list)
		}
		dataset.Check(list)
	})
}

func TestCollectionTitle(t *testing.T) {
	for description, want := range map[string]string{
		"":                                    "",
		"Bestillinger.":                       "Bestillinger",
		"Bestillinger. De er dokumentasjon.":  "Bestillinger",
		"Utleveringer: hvem som har fått hva": "Utleveringer",
		"Kunder siden 1.1.2020":               "Kunder siden 1.1.2020",
	} {
		if got := (&dataset.Collection{Description: description}).Title(); got != want {
			t.Errorf("%q: %q, not %q", description, got, want)
		}
	}
}

package demo

// kind is the type of a column, written for each database by the dialect.
type kind int

const (
	integer  kind = iota
	text          // of any length
	short         // a text of at most 40 characters
	boolean       //
	date          // a day
	datetime      // an instant, UTC
)

type column struct {
	name     string
	kind     kind
	required bool
	unique   bool
	key      bool
	refTable string // the table of the same database that the column refers to, by its primary key
}

type table struct {
	source  string
	name    string
	columns []column
}

func id() column                      { return column{name: "id", kind: integer, required: true, key: true} }
func may(name string, k kind) column  { return column{name: name, kind: k} }
func must(name string, k kind) column { return column{name: name, kind: k, required: true} }
func only(name string, k kind) column {
	return column{name: name, kind: k, required: true, unique: true}
}
func ref(name, table string) column { return column{name: name, kind: integer, refTable: table} }
func belongs(name, table string) column {
	return column{name: name, kind: integer, required: true, refTable: table}
}

// tables holds the company's databases; a table stands after those that it refers to.
var tables = []table{
	{Webshop, "addresses", []column{id(), must("street", text), must("postal_code", short), must("city", text), must("country", short),
		may("last_used_on", date)}},
	{Webshop, "customers", []column{id(), only("customer_no", short), must("first_name", text), must("last_name", text), may("email", text),
		may("phone", short), may("birth_date", date), ref("address_id", "addresses"), may("created_on", date), may("last_order_on", date), must("restricted", boolean)}},
	{Webshop, "orders", []column{id(), only("order_no", short), belongs("customer_id", "customers"), may("contact_email", text),
		may("contact_phone", short), may("delivery_name", text), ref("delivery_address_id", "addresses"), may("customer_message", text),
		must("status", short), must("total_ore", integer), must("ordered_on", date), may("delivered_on", date)}},
	{Webshop, "order_lines", []column{id(), belongs("order_id", "orders"), must("product", text), must("quantity", integer), must("price_ore", integer), must("ordered_on", date)}},
	{Webshop, "newsletter_subscribers", []column{id(), must("email", text), may("first_name", text), ref("customer_id", "customers"),
		must("signed_up_through", text), must("subscribed_on", date), may("unsubscribed_on", date)}},
	{Webshop, "consents", []column{id(), belongs("subscriber_id", "newsletter_subscribers"), must("email", text), must("wording", short),
		may("ip", short), must("given_at", datetime), may("withdrawn_at", datetime)}},
	{Webshop, "cookie_profiles", []column{{name: "cookie_id", kind: short, required: true, key: true}, ref("customer_id", "customers"),
		must("device", text), must("interests", text),
		must("first_seen_on", date), must("last_seen_on", date)}},
	{Webshop, "contact_messages", []column{id(), must("name", text), must("email", text), may("phone", short), must("subject", text),
		must("body", text), must("received_at", datetime), may("closed_on", date), may("handled_by", text)}},
	{Webshop, "web_logs", []column{id(), must("at", datetime), may("ip", short), must("path", text), must("status", integer),
		may("user_agent", text), ref("customer_id", "customers"), may("cookie_id", short)}},
	{Webshop, "cookie_consents", []column{id(), ref("customer_id", "customers"), may("cookie_id", short), must("wording", short),
		must("given_at", datetime), may("withdrawn_at", datetime), must("restricted", boolean)}},
	{Webshop, "site_activity", []column{id(), belongs("customer_id", "customers"), must("ip", short), must("product", text), must("seen_at", datetime)}},
	{Webshop, "payment_methods", []column{id(), belongs("customer_id", "customers"), must("card", short), may("refund_account", short),
		must("saved_on", date), may("settled_on", date)}},

	{Office, "parties", []column{id(), must("kind", short), {name: "customer_no", kind: short, unique: true}, may("organisation_no", short),
		must("name", text), may("email", text), may("phone", short), may("street", text), may("postal_code", short), may("city", text),
		may("customer_since", date), may("last_activity_on", date)}},
	{Office, "suppliers", []column{id(), only("supplier_no", short), must("kind", short), may("organisation_no", short), must("name", text),
		may("owner_name", text), may("email", text), may("phone", short), may("street", text), may("postal_code", short), may("city", text),
		may("bank_account", short), may("supplier_since", date), may("last_invoice_on", date), may("found_source", text),
		may("found_details", text), may("found_on", date), may("informed_on", date)}},
	{Office, "contact_persons", []column{id(), ref("party_id", "parties"), ref("supplier_id", "suppliers"), may("company_name", text),
		must("first_name", text), must("last_name", text), may("title", text), may("email", text), may("phone", short),
		must("registered_on", date), may("left_on", date), may("found_source", text), may("found_phone", short), may("found_details", text),
		may("found_on", date), may("informed_on", date)}},
	{Office, "invoices", []column{id(), must("kind", short), only("invoice_no", short), ref("party_id", "parties"), ref("supplier_id", "suppliers"),
		may("order_no", short), must("billing_name", text), may("billing_email", text), may("billing_address", text), must("description", text),
		must("amount_ore", integer), must("vat_ore", integer), must("issued_on", date), must("due_on", date), may("paid_on", date)}},
	{Office, "disclosures", []column{id(), ref("party_id", "parties"), ref("contact_person_id", "contact_persons"), must("recipient", text),
		must("what", text), may("content", text), must("purpose", text), must("disclosed_on", date), must("restricted", boolean)}},
	{Office, "notes", []column{id(), belongs("party_id", "parties"), must("body", text), must("written_on", date), must("written_by", text)}},
	{Office, "blocked_addresses", []column{id(), only("ip", short), must("reason", text), may("last_path", text), must("blocked_on", date), must("review_on", date),
		must("blocked_by", text)}},
	{Office, "reminders", []column{id(), belongs("party_id", "parties"), must("invoice_no", short), must("stage", short), must("amount_ore", integer),
		must("due_on", date), must("sent_on", date), must("restricted", boolean)}},
	{Office, "police_disclosures", []column{id(), belongs("party_id", "parties"), must("what", text), must("order_no", short), must("disclosed_on", date)}},
	{Office, "bans", []column{id(), only("customer_no", short), may("name", text), may("incident", text), must("banned_on", date), must("ends_on", date)}},

	{People, "applications", []column{id(), must("position", text), must("first_name", text), must("last_name", text), may("email", text),
		may("phone", short), may("birth_date", date), must("letter", text), may("referees", text), may("adaptation_need", text),
		may("assessment", text), must("status", short), must("received_on", date), may("closed_on", date), may("pool_consent_on", date)}},
	{People, "employees", []column{id(), only("employee_no", short), must("first_name", text), must("last_name", text), only("work_email", text),
		may("private_email", text), may("phone", short), may("national_id", short), may("birth_date", date), may("street", text),
		may("postal_code", short), may("city", text), may("position", text), may("bank_account", short), may("appraisal", text),
		may("photo_url", text), may("hired_on", date), may("ended_on", date)}},
	{People, "payroll", []column{id(), belongs("employee_id", "employees"), must("period", short), must("gross_ore", integer), must("tax_ore", integer),
		may("union_dues_ore", integer), may("sick_days", integer), must("paid_on", date), must("reported_on", date), must("report_reference", short)}},
	{People, "next_of_kin", []column{id(), belongs("employee_id", "employees"), must("name", text), must("relation", text), may("phone", short),
		may("email", text), must("registered_on", date)}},
	{People, "timesheets", []column{id(), belongs("employee_id", "employees"), must("project", text), must("hours", integer), must("worked_on", date)}},
	{People, "mailboxes", []column{id(), belongs("employee_id", "employees"), must("address", text), must("messages", integer), must("opened_on", date),
		may("closed_on", date)}},
	{People, "staff_page", []column{id(), belongs("employee_id", "employees"), must("name", text), may("title", text), may("photo_url", text),
		may("consented_on", date), must("published_on", date), may("ended_on", date)}},
}

package scan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dataset"
	"mininfo/internal/locale"
	"mininfo/internal/scan"
	"mininfo/internal/source"
	"mininfo/internal/source/file"
)

func TestProposeList(t *testing.T) {
	t.Parallel()
	s, err := file.New("Kunder", []byte("Kundenr;Fornavn;Etternavn;E-post (privat);Mobil;Gateadresse;Postnr.;Poststed;Fødselsdato;Personnr;Org.nr;Pårørende e-post;Kontakt;Registrert;Skostørrelse;Merknad\n"+
		"100;Kari;Nordmann;kari@example.no;92233445;Gata 1;0150;Oslo;1984-03-01;01018012345;999999999;ola@example.no;x@example.no;2024-01-02;42;hei\n"))
	if err != nil {
		t.Fatal(err)
	}
	body := propose(t, s, scan.Options{Key: "kunder_1", Name: "Kunder", Activity: "customers", Unknown: "user"}).YAML(locale.NB)
	sets, problems := dataset.Read("kunder.yaml", body)
	problems = append(problems, dataset.Check(sets)...)
	if err := problems.Err(); err != nil {
		t.Fatalf("the proposal is not accepted: %v\n%s", err, body)
	}
	got := map[string]string{}
	for _, leaf := range sets[0].Collections[0].Leaves() {
		f := leaf.Field
		said := strings.Join(f.Categories, ",") + " " + f.Identity
		for mark, is := range map[string]bool{" key": f.PrimaryKey, " national": f.NationalID, " other": f.ThirdParty} {
			if is {
				said += mark
			}
		}
		got[f.Name] = said
	}
	want := map[string]string{
		"Kundenr": "user.unique_id external_id", "Fornavn": "user.name.first ", "Etternavn": "user.name.last ",
		"E-post (privat)": "user.contact.email email", "Mobil": "user.contact.phone_number phone_number",
		"Gateadresse": "user.contact.address.street ", "Postnr.": "user.contact.address.postal_code ", "Poststed": "user.contact.address.city ",
		"Fødselsdato": "user.demographic.date_of_birth ", "Personnr": "user.government_id.national_identification_number  national",
		"Org.nr": "user.contact.organization ", "Pårørende e-post": "user.contact.email  other", "Kontakt": "user.contact.email email",
		"Registrert": "user ", "Skostørrelse": "user ", "Merknad": "user.content ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if sets[0].Activity != "customers" || sets[0].Collections[0].Received != "Registrert" {
		t.Errorf("activity %q, received %q", sets[0].Activity, sets[0].Collections[0].Received)
	}
	schema, _ := s.Inspect(t.Context())
	if _, ok := schema.Table(source.TableName{Name: sets[0].Collections[0].Name}); !ok {
		t.Error("the proposal names no table of the file")
	}
}

func TestProposeListByShape(t *testing.T) {
	t.Parallel()
	s, err := file.New("x", []byte("a;b;c;d\nkari@example.no;+47 922 33 445;2024-01-01;7\nole@example.no;46 12 34 56;2024-02-01;8\n"))
	if err != nil {
		t.Fatal(err)
	}
	body := propose(t, s, scan.Options{Unknown: "user"}).YAML(locale.NB)
	sets, problems := dataset.Read("x.yaml", body)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, leaf := range sets[0].Collections[0].Leaves() {
		got[leaf.Path] = leaf.Field.Identity
	}
	if diff := cmp.Diff(map[string]string{"a": "email", "b": "phone_number", "c": "", "d": ""}, got); diff != "" {
		t.Error(diff)
	}
}

// Norwegian dates and decimals are read as what they are, and a number that no two rows share is no key:
// it can be corrected like any other value.
func TestProposeListInNorwegian(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("Medlemsnr;Navn;Epost;Født;Innmeldt;Kontingent\n")
	for i := range 8 {
		fmt.Fprintf(&b, "%d;Navn %d;n%d@example.no;%d.2.1984;0%d.03.2024;1 %d00,50\n", 100+i, i, i, i+1, i+1, i)
	}
	s, err := file.New("medlemmer", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	body := propose(t, s, scan.Options{Key: "medlemmer", Name: "medlemmer", Unknown: "user"}).YAML(locale.NB)
	sets, problems := dataset.Read("medlemmer.yaml", body)
	problems = append(problems, dataset.Check(sets)...)
	if err := problems.Err(); err != nil {
		t.Fatalf("the proposal is not accepted: %v\n%s", err, body)
	}
	got := map[string]string{}
	for _, leaf := range sets[0].Collections[0].Leaves() {
		f := leaf.Field
		got[f.Name] = strings.Join(f.Categories, ",") + " " + f.DataType
		if f.PrimaryKey {
			t.Errorf("%s is a key", f.Name)
		}
	}
	want := map[string]string{"Medlemsnr": "user.unique_id string", "Navn": "user.name string", "Epost": "user.contact.email string",
		"Født": "user.demographic.date_of_birth ", "Innmeldt": "user ", "Kontingent": "user float"}
	if diff := cmp.Diff(want, got); diff != "" || sets[0].Collections[0].Received != "Innmeldt" {
		t.Errorf("received %q, %s\n%s", sets[0].Collections[0].Received, diff, body)
	}
	if strings.Contains(string(body), "primærnøkkel") {
		t.Errorf("a list is asked for its key:\n%s", body)
	}
}

package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"
)

// enumerated is how many times somebody is asked about in one try.
const enumerated = 2000

// The bounds of what the time may tell: the share of pairs, of somebody known and somebody unknown, in
// which the known one took longer. A half tells nothing.
const (
	leastTold = 0.45
	mostTold  = 0.55
)

// BenchmarkEnumeration asks the program as it is served for codes, for addresses that the company's systems
// hold and for addresses that nobody does, interleaved, and measures whether the answer or its time tells
// them apart. The bytes have to be the same; of the time, one of three tries has to tell nothing, since a
// machine may be busy. 'make enumeration' runs it; 'make test' measures no time.
func BenchmarkEnumeration(b *testing.B) {
	for b.Loop() {
		p, _, _ := office(b, Setup{})
		known, unknown := addressBooks(b, p)
		told := 0.0
		for try := range 3 {
			execute(b, p, "DELETE FROM counter") // what other tries have used of the limits
			asked := ask(b, p, known, unknown)
			told = auc(asked[true], asked[false])
			b.Logf("try %d: %d calls, medians %v known and %v unknown, AUC %.3f (goal %.2f to %.2f)",
				try+1, enumerated, median(asked[true]), median(asked[false]), told, leastTold, mostTold)
			if told >= leastTold && told <= mostTold {
				break
			}
		}
		b.ReportMetric(told, "AUC")
		if told < leastTold || told > mostTold {
			b.Errorf("the time of the answer tells who is known: AUC %.3f", told)
		}
	}
}

// addressBooks gives as many addresses of customers as of nobody, each of which may have the mails of one
// hour in each try.
func addressBooks(b *testing.B, p *Portal) (known, unknown []string) {
	b.Helper()
	mails := map[string]bool{}
	for _, r := range p.Company.State()["webshop.customers"] {
		if m := r["email"]; m != null && !strings.ContainsAny(m, " \"") {
			mails[m] = true
		}
	}
	known = slices.Sorted(maps.Keys(mails))
	if len(known) > enumerated/2 {
		known = known[:enumerated/2]
	}
	for i, m := range known {
		// As long as the known one's, and of the same host.
		local, host, _ := strings.Cut(m, "@")
		unknown = append(unknown, fmt.Sprintf("%0*d@%s", max(len(local), 4), i, host))
	}
	if len(known) < 100 {
		b.Fatalf("the company has %d customers", len(known))
	}
	return known, unknown
}

// ask makes the calls of one try and gives what each took; every answer has to be the same.
func ask(b *testing.B, p *Portal, known, unknown []string) map[bool][]time.Duration {
	b.Helper()
	client := &http.Client{Timeout: time.Minute}
	defer client.CloseIdleConnections()
	answers, took := map[string]bool{}, map[bool][]time.Duration{}
	for i := range enumerated / 2 {
		pair := []bool{true, false}
		rand.Shuffle(2, func(i, j int) { pair[i], pair[j] = pair[j], pair[i] })
		for j, of := range pair {
			list := map[bool][]string{true: known, false: unknown}[of]
			body, err := json.Marshal(map[string]string{"email": list[i%len(list)], "locale": "nb"})
			if err != nil {
				b.Fatal(err)
			}
			r, err := http.NewRequest(http.MethodPost, p.URL+"/api/v1/verifications", bytes.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			n := 2*i + j // from a network of its own each fifty calls: the limits by place hold
			r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", n/50>>8, n/50&255, n%50+1))
			began := time.Now()
			a, err := client.Do(r)
			if err != nil {
				b.Fatal(err)
			}
			content, err := io.ReadAll(a.Body)
			_ = a.Body.Close()
			took[of] = append(took[of], time.Since(began))
			if err != nil || a.StatusCode != http.StatusAccepted {
				b.Fatalf("call %d: %d %s, %v", n, a.StatusCode, content, err)
			}
			answers[sameness(a.Header, content)] = true
		}
	}
	if len(answers) != 1 {
		b.Errorf("%d different answers: %q", len(answers), slices.Sorted(maps.Keys(answers)))
	}
	return took
}

// sameness is an answer without what differs each time: the number of the verification, the secret of the
// cookie and the date.
func sameness(h http.Header, body []byte) string {
	h.Del("Date")
	cookie := h.Get("Set-Cookie")
	if at := strings.IndexByte(cookie, '='); at > 0 && len(cookie) > at+44 {
		h.Set("Set-Cookie", cookie[:at]+"=SECRET"+cookie[at+44:])
	}
	return fmt.Sprint(h, string(oneID.ReplaceAll(body, []byte("ID"))))
}

// auc is the share of pairs in which the first took longer; equal ones are half.
func auc(first, second []time.Duration) float64 {
	sorted := slices.Sorted(slices.Values(second))
	longer := 0.0
	for _, d := range first {
		below := sort.Search(len(sorted), func(i int) bool { return sorted[i] >= d })
		upTo := sort.Search(len(sorted), func(i int) bool { return sorted[i] > d })
		longer += float64(below) + float64(upTo-below)/2
	}
	return longer / float64(len(first)*len(second))
}

func median(list []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(list))[len(list)/2].Round(10 * time.Microsecond)
}

// TestAUC holds the measure itself: what tells everything, what tells nothing.
func TestAUC(t *testing.T) {
	t.Parallel()
	few, many := []time.Duration{1, 2, 3}, []time.Duration{4, 5, 6}
	for name, c := range map[string]struct {
		first, second []time.Duration
		want          float64
	}{
		"always longer": {many, few, 1}, "never longer": {few, many, 0}, "the same": {few, few, 0.5}, "half": {[]time.Duration{1, 6}, []time.Duration{3, 3}, 0.5},
	} {
		if got := auc(c.first, c.second); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

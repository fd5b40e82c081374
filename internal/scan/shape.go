package scan

import (
	"math/bits"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"mininfo/internal/dsr"
	"mininfo/internal/source"
)

// shape is a set of what one value looks like.
type shape uint32

const (
	looksEmail      shape = 1 << iota
	looksPhone            // written so that it can be nothing else: +47 922 33 445
	looksNumber8          // eight digits as Norwegian telephone numbers have them
	looksNationalID       // Norwegian fødselsnummer or D-number: date and both check digits
	looksOrg              // Norwegian organisation number by its check digit
	looksAccount          // Norwegian bank account by its check digit
	looksIBAN
	looksCard
	looksIP
	looksURL
	looksUUID
	looksDate
	looksPostal // four digits
	looksName   // begins with a common given name
	looksWord   // letters alone, one to four words
	looksProse  // a sentence
	looksMention
	looksInteger
	looksHash
	looksBirth // a date so long ago that little but people began then
	looksPoint // latitude or longitude with decimals
	looksAgent // a browser's name for itself
	looksHealth
	looksUnion
	looksReligion
)

// stats count the shapes of a column's sampled values. No value is kept but the distinct ones that
// references are tried with, and those only until the scan ends.
type stats struct {
	filled, empty int
	counts        [32]int
	distinct      map[string]seen
	masks         map[string]int
	longest       int
	keys          map[string]*stats // of JSON objects
	objects       int
	lists         int // of objects, or of other values
}

// seen is one of the distinct values of a sample.
type seen struct {
	value source.Value
	shape shape
}

const maxDistinct = 200

func newStats() *stats { return &stats{distinct: map[string]seen{}, masks: map[string]int{}} }

func (s *stats) add(v source.Value) {
	text := strings.TrimSpace(v.Text())
	if v.IsNull() || text == "" {
		s.empty++
		return
	}
	s.filled++
	s.longest = max(s.longest, len(text))
	one, known := s.distinct[text]
	if !known {
		one.shape = shapeOf(text)
		if len(s.distinct) < maxDistinct && len(text) <= 200 {
			// A text is the connection's own memory until the next row: what is kept is copied.
			one.value = v.Clone()
			s.distinct[strings.Clone(text)] = one
			s.masks[mask(text)]++
		}
	}
	for set := uint32(one.shape); set != 0; set &= set - 1 {
		s.counts[bits.TrailingZeros32(set)]++
	}
}

// share tells how many of the filled values have a shape, of 1. Nothing is known of an empty column.
func (s *stats) share(of shape) float64 {
	if s == nil || s.filled == 0 {
		return 0
	}
	return float64(s.counts[bits.TrailingZeros32(uint32(of))]) / float64(s.filled)
}

func (s *stats) count(of shape) int { return s.counts[bits.TrailingZeros32(uint32(of))] }

func (s *stats) known() bool { return s != nil && s.filled > 0 }

// unique tells whether all sampled values were there and differ.
func (s *stats) unique() bool {
	return s.known() && s.empty == 0 && s.filled > 1 && len(s.distinct) == s.filled
}

// mask writes how a value is built: "K-10023" is A-99999.
func mask(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			b.WriteByte('9')
		case unicode.IsLetter(r):
			b.WriteByte('A')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

var (
	emailShape = regexp.MustCompile(`^[^\s@;,<>"]{1,64}@[^\s@;,<>"]+\.[A-Za-zÆØÅæøå]{2,24}$`)
	phoneShape = regexp.MustCompile(`^(\+|00)[1-9][0-9 ().-]{6,18}$|^\(?\d{2,4}\)?[ .-]\d{2,4}([ .-]\d{2,4}){1,3}( ?x\d+)?$|^1?\(\d{3}\) ?\d{3}-\d{4}$`)
	eightShape = regexp.MustCompile(`^[2-9]\d( ?\d{2}){3}$|^[489]\d{2} ?\d{2} ?\d{3}$`)
	dateShape  = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})([ T].*)?$|^(\d{1,2})[./](\d{1,2})[./](\d{4})$`)
	ibanShape  = regexp.MustCompile(`^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$`)
	uuidShape  = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	hashShape  = regexp.MustCompile(`^\$(2[aby]|argon2|pbkdf2|scrypt|[156]\$).*|^[0-9a-fA-F]{32,128}$|^(pbkdf2|bcrypt|argon2)[_$].*`)
	mention    = regexp.MustCompile(`[^\s@;,<>"]+@[^\s@;,<>"]+\.[a-z]{2,}|\+\d{2}[\d ]{8,}`)
	wordShape  = regexp.MustCompile(`^\p{L}[\p{L}'.-]*( \p{L}[\p{L}'.-]*){0,3}$`)
	pointShape = regexp.MustCompile(`^-?\d{1,3}\.\d{3,}$`)
	agentShape = regexp.MustCompile(`^(Mozilla|Opera|curl|Dalvik|okhttp|PostmanRuntime)/`)
)

// Beginnings of words that speak of what the law protects most (Art. 9).
var (
	health   = strings.Fields("diagnos allerg astma asthma diabet kreft cancer migrene migraine epileps depres gravid pregnan sykmeld sjukmeld medisin medication gluten cøliaki nøtteallergi rullestol wheelchair adhd")
	union    = strings.Fields("fagforbund fellesforbundet nito tekna parat fagforening utdanningsforbundet unio sykepleierforbundet union handelogkontor")
	religion = strings.Fields("muslim islam kristen christian katolikk catholic jøde jødisk jewish buddhis hindu humanetisk human-etisk ateist atheist protestant kirke church")
)

// speaks tells whether one of the words of a text begins like one of a list.
func speaks(lower string, list []string) bool {
	for _, w := range list {
		for at, rest := 0, lower; ; {
			i := strings.Index(rest, w)
			if i < 0 {
				break
			}
			if at += i; at == 0 || !letter(lower[at-1]) {
				return true
			}
			at += len(w)
			rest = lower[at:]
		}
	}
	return false
}

func letter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 0x80 }

// made tells what sorts of characters a text is made of.
type made struct{ digits, letters, spaces, at, colon, dot, others int }

func madeOf(text string) (m made) {
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			m.digits++
		case c == ' ':
			m.spaces++
		case c == '@':
			m.at++
		case c == ':':
			m.colon++
		case c == '.':
			m.dot++
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80:
			m.letters++
		default:
			m.others++
		}
	}
	return m
}

func shapeOf(text string) shape {
	m := madeOf(text)
	var s shape
	switch {
	case len(text) > 200:
		return shapeOfProse(text[:200], m)
	case len(text) > 60:
		return shapeOfProse(text, m)
	case m.digits == 0 && m.at == 0 && m.colon == 0:
	default:
		s = shapeOfCode(text, m)
	}
	if m.digits == 0 && m.at == 0 && m.letters > 0 && m.spaces <= 3 && wordShape.MatchString(text) {
		s |= looksWord
		first, _, _ := strings.Cut(text, " ")
		if givenNames[letters.Replace(strings.ToLower(strings.Split(first, "-")[0]))] {
			s |= looksName
		}
	}
	return s | shapeOfProse(text, m)
}

// shapeOfCode looks at what is written with digits or signs.
func shapeOfCode(text string, m made) (s shape) {
	mark := func(is bool, of shape) {
		if is {
			s |= of
		}
	}
	if m.at > 0 {
		mark(emailShape.MatchString(text), looksEmail)
		return s
	}
	if m.colon > 0 || m.dot == 3 && m.letters == 0 {
		// PostgreSQL's type writes one address as the network of it alone.
		ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimSuffix(text, "/32"), "/128"))
		mark(err == nil && (ip.Is6() || m.dot == 3), looksIP)
		mark(strings.Contains(text, "://") && validURL(text), looksURL)
	}
	if m.letters > 0 {
		mark(len(text) == 36 && uuidShape.MatchString(text), looksUUID)
		mark(hashShape.MatchString(text), looksHash)
		joined := strings.ReplaceAll(text, " ", "")
		mark(ibanShape.MatchString(joined) && iban(joined), looksIBAN)
		mark(m.digits > 6 && phoneShape.MatchString(text), looksPhone)
	}
	if year, ok := yearOf(text); ok {
		s |= looksDate
		mark(year >= 1915 && year <= 1990, looksBirth)
		return s
	}
	if m.letters > 0 {
		return s
	}
	mark(pointShape.MatchString(text), looksPoint)
	mark(s&looksIP == 0 && m.digits > 6 && phoneShape.MatchString(text), looksPhone)
	plain := separators.Replace(text)
	if !digits(plain) {
		return s
	}
	if m.digits+m.spaces == len(text) {
		mark(len(plain) == 8 && eightShape.MatchString(text), looksNumber8)
		mark(dsr.IsNationalNumber(plain), looksNationalID)
		mark(len(plain) == 9 && (plain[0] == '8' || plain[0] == '9') && mod11(plain, []int{3, 2, 7, 6, 5, 4, 3, 2}), looksOrg)
		mark(len(text) == 4, looksPostal)
		mark(m.spaces == 0, looksInteger)
	}
	mark(len(plain) == 11 && mod11(plain, []int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2}), looksAccount)
	mark(len(plain) >= 13 && len(plain) <= 19 && strings.ContainsRune("3456", rune(plain[0])) && luhn(plain), looksCard)
	return s
}

var separators = strings.NewReplacer(" ", "", ".", "", "-", "", "\u00a0", "")

func shapeOfProse(text string, m made) (s shape) {
	if m.spaces >= 4 && len(text) >= 25 {
		s |= looksProse
		if (m.at > 0 || m.digits > 7) && mention.MatchString(text) {
			s |= looksMention
		}
	}
	if m.letters < 4 {
		return s
	}
	if m.others+m.digits > 0 && agentShape.MatchString(text) {
		s |= looksAgent
	}
	if len(text) > 60 && m.spaces == 0 && hashShape.MatchString(text) {
		s |= looksHash
	}
	if m.colon > 0 && strings.HasPrefix(text, "http") && validURL(text) {
		s |= looksURL
	}
	if m.at > 0 && m.spaces == 0 {
		return s
	}
	lower := strings.ToLower(text)
	if speaks(lower, health) {
		s |= looksHealth
	}
	if speaks(lower, union) {
		s |= looksUnion
	}
	if speaks(lower, religion) {
		s |= looksReligion
	}
	return s
}

func validURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && strings.HasPrefix(u.Scheme, "http")
}

func yearOf(text string) (int, bool) {
	m := dateShape.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	year, month, day := m[1], m[2], m[3]
	if year == "" {
		year, month, day = m[7], m[6], m[5]
	}
	y, _ := strconv.Atoi(year)
	mo, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	return y, real(y, mo, d)
}

func real(y, m, d int) bool {
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t.Day() == d && int(t.Month()) == m
}

func weighed(s string, weights []int) int {
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return sum
}

// mod11 tells whether the last digit is the check digit of those before it.
func mod11(s string, weights []int) bool {
	check := (11 - weighed(s, weights)%11) % 11
	return check < 10 && int(s[len(s)-1]-'0') == check
}

func luhn(s string) bool {
	sum := 0
	for i := range s {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

func iban(s string) bool {
	rest := 0
	for _, r := range s[4:] + s[:4] {
		n := int(r - '0')
		if unicode.IsUpper(r) {
			n = int(r-'A') + 10
			rest = rest * 10
		}
		rest = (rest*10 + n) % 97
	}
	return rest == 1
}

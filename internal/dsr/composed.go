package dsr

import (
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
)

// The calendars that the library does not have, of its own building blocks: each from the law that says which
// days are holidays in the whole country. Days that are half of one, or are so for banks or the public service
// alone, are left out, as is what the law was not certain of: a time limit is then shorter, never longer.

// Finland: the feast days of the Church Act (kirkkolaki 652/2023), 1 May (272/1944) and Independence Day (388/1937), and the
// two eves on which a time limit does not end either (laki säädettyjen määräaikain laskemisesta 150/1930 § 5).
var finland = nationwide("FI", "Europe/Helsinki", []*cal.Holiday{
	aa.NewYear, aa.Epiphany, aa.GoodFriday, aa.Easter, aa.EasterMonday, aa.WorkersDay, aa.AscensionDay, aa.Pentecost,
	on("Juhannusaatto", time.June, 19, time.Friday), on("Juhannuspäivä", time.June, 20, time.Saturday),
	on("Pyhäinpäivä", time.October, 31, time.Saturday), fixed("Itsenäisyyspäivä", time.December, 6),
	fixed("Jouluaatto", time.December, 24), aa.ChristmasDay, aa.ChristmasDay2,
})

// Iceland: lög um 40 stunda vinnuviku nr. 88/1971, 6. gr. Christmas Eve and New Year's Eve begin at one o'clock: left out.
var iceland = nationwide("IS", "Atlantic/Reykjavik", []*cal.Holiday{
	aa.NewYear, aa.MaundyThursday, aa.GoodFriday, aa.Easter, aa.EasterMonday, on("Sumardagurinn fyrsti", time.April, 19, time.Thursday),
	aa.WorkersDay, aa.AscensionDay, aa.Pentecost, aa.PentecostMonday, fixed("Þjóðhátíðardagurinn", time.June, 17),
	on("Frídagur verslunarmanna", time.August, 1, time.Monday), aa.ChristmasDay, aa.ChristmasDay2,
})

// Liechtenstein: the feasts that its Labour Act's ordinance puts beside Sundays (Arbeitsgesetz, LGBl. 1967 Nr. 6, and ordinance).
// St Berchtold's, Shrove Tuesday, St Joseph's and Good Friday are kept by banks and offices: left out.
var liechtenstein = nationwide("LI", "Europe/Vaduz", []*cal.Holiday{
	aa.NewYear, aa.Epiphany, fixed("Mariä Lichtmess", time.February, 2), aa.Easter, aa.EasterMonday, aa.WorkersDay, aa.AscensionDay,
	aa.Pentecost, aa.PentecostMonday, aa.CorpusChristi, fixed("Staatsfeiertag", time.August, 15), fixed("Mariä Geburt", time.September, 8),
	aa.AllSaintsDay, aa.ImmaculateConception, aa.ChristmasDay, aa.ChristmasDay2,
})

// Estonia: pühade ja tähtpäevade seadus (RT I 1998, 13, 162) § 2 and, for Independence Day, § 1.
var estonia = nationwide("EE", "Europe/Tallinn", []*cal.Holiday{
	aa.NewYear, fixed("Iseseisvuspäev", time.February, 24), aa.GoodFriday, aa.Easter, aa.WorkersDay, aa.Pentecost,
	fixed("Võidupüha", time.June, 23), fixed("Jaanipäev", time.June, 24), fixed("Taasiseseisvumispäev", time.August, 20),
	fixed("Jõululaupäev", time.December, 24), aa.ChristmasDay, aa.ChristmasDay2,
})

// Luxembourg: Code du travail art. L. 232-2; Europe Day by the law of 25 April 2019.
var luxembourg = nationwide("LU", "Europe/Luxembourg", []*cal.Holiday{
	aa.NewYear, aa.EasterMonday, aa.WorkersDay, since(2019, fixed("Europadag", time.May, 9)), aa.AscensionDay, aa.PentecostMonday,
	fixed("Nationalfeierdag", time.June, 23), aa.AssumptionOfMary, aa.AllSaintsDay, aa.ChristmasDay, aa.ChristmasDay2,
})

// Hungary: 2012. évi I. törvény (a munka törvénykönyve) 102. §; Good Friday since 2017. The days that a year's decree
// changes for a Saturday are left out.
var hungary = nationwide("HU", "Europe/Budapest", []*cal.Holiday{
	aa.NewYear, fixed("Nemzeti ünnep", time.March, 15), since(2017, aa.GoodFriday), aa.Easter, aa.EasterMonday, aa.WorkersDay,
	aa.Pentecost, aa.PentecostMonday, fixed("Az államalapítás ünnepe", time.August, 20), fixed("Nemzeti ünnep", time.October, 23),
	aa.AllSaintsDay, aa.ChristmasDay, aa.ChristmasDay2,
})

// Malta: National Holidays and Other Public Holidays Act (Cap. 252).
var malta = nationwide("MT", "Europe/Malta", []*cal.Holiday{
	aa.NewYear, fixed("Il-Festa tan-Nawfraġju ta' San Pawl", time.February, 10), fixed("Il-Festa ta' San Ġużepp", time.March, 19),
	fixed("Jum il-Ħelsien", time.March, 31), aa.GoodFriday, aa.WorkersDay, fixed("Sette Giugno", time.June, 7),
	fixed("L-Imnarja", time.June, 29), aa.AssumptionOfMary, fixed("Jum il-Vitorja", time.September, 8),
	fixed("Jum l-Indipendenza", time.September, 21), aa.ImmaculateConception, fixed("Jum ir-Repubblika", time.December, 13), aa.ChristmasDay,
})

// Portugal: Código do Trabalho art. 234.º n.º 1. Shrove Tuesday and the municipal day are not for the whole country.
var portugal = nationwide("PT", "Europe/Lisbon", []*cal.Holiday{
	aa.NewYear, aa.GoodFriday, aa.Easter, fixed("Dia da Liberdade", time.April, 25), aa.WorkersDay, aa.CorpusChristi,
	fixed("Dia de Portugal", time.June, 10), aa.AssumptionOfMary, fixed("Implantação da República", time.October, 5), aa.AllSaintsDay,
	fixed("Restauração da Independência", time.December, 1), aa.ImmaculateConception, aa.ChristmasDay,
})

// Cyprus: the public holidays that its Public Administration and Personnel Department announces each year, by the Orthodox Easter.
// Easter Tuesday and Christmas Eve are the public service's and the banks' alone: left out.
var cyprus = nationwide("CY", "Asia/Nicosia", []*cal.Holiday{
	aa.NewYear, aa.Epiphany, orthodox("Καθαρά Δευτέρα", -48), fixed("Εικοστή Πέμπτη Μαρτίου", time.March, 25), fixed("1η Απριλίου", time.April, 1),
	orthodox("Μεγάλη Παρασκευή", -2), orthodox("Κυριακή του Πάσχα", 0), orthodox("Δευτέρα του Πάσχα", 1), aa.WorkersDay,
	orthodox("Κατακλυσμός", 50), aa.AssumptionOfMary, fixed("Ημέρα Ανεξαρτησίας", time.October, 1),
	fixed("Ημέρα του Όχι", time.October, 28), aa.ChristmasDay, aa.ChristmasDay2,
})

// What became a holiday after the library's list was made.
var (
	// Poland: Christmas Eve since 2025 (ustawa z 6 grudnia 2024, Dz.U. 2024 poz. 1965).
	polish = append(pl.Holidays[:len(pl.Holidays):len(pl.Holidays)], since(2025, fixed("Wigilia Bożego Narodzenia", time.December, 24)))
	// Romania: Epiphany and St John's since 2024 (Legea 52/2023, Codul muncii art. 139).
	romanian = append(ro.Holidays[:len(ro.Holidays):len(ro.Holidays)],
		since(2024, aa.Epiphany), since(2024, fixed("Sfântul Ioan Botezătorul", time.January, 7)))
	// Italy: St Francis since 2026 (legge 8 ottobre 2025, n. 151).
	italian = append(it.Holidays[:len(it.Holidays):len(it.Holidays)], since(2026, fixed("San Francesco d'Assisi", time.October, 4)))
)

// fixed is a holiday on the same day each year.
func fixed(name string, month time.Month, day int) *cal.Holiday {
	return &cal.Holiday{Name: name, Month: month, Day: day, Func: cal.CalcDayOfMonth}
}

// on is a holiday on the first such weekday on or after a day.
func on(name string, month time.Month, day int, weekday time.Weekday) *cal.Holiday {
	return &cal.Holiday{Name: name, Month: month, Day: day, Weekday: weekday, Offset: 1, Func: cal.CalcWeekdayFrom}
}

// orthodox is a holiday so many days from the Orthodox Easter.
func orthodox(name string, offset int) *cal.Holiday {
	return &cal.Holiday{Name: name, Offset: offset, Julian: true, Func: cal.CalcEasterOffset}
}

// since is a holiday from a year on.
func since(year int, rule *cal.Holiday) *cal.Holiday {
	return rule.Clone(&cal.Holiday{StartYear: year})
}

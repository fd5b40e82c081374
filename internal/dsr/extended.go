package dsr

// ExtendedMonths is by how many months the time limit was extended; 0 when it was not, or when
// the notice does not count.
func (p Projection) ExtendedMonths() int {
	if p.Deadline.Extension != ExtensionValid || len(p.extensions) == 0 {
		return 0
	}
	return p.extensions[len(p.extensions)-1].Months
}

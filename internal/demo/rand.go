package demo

// random is splitmix64 (Steele, Lea and Flood, 2014). The library's generators promise no fixed
// sequence over Go's versions, and rows that change with the compiler would make every test that
// counts them a liar. It is no source of secrets.
type random struct{ state uint64 }

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// n gives a number from 0 to limit-1. The bias of the remainder is of no consequence here.
func (r *random) n(limit int) int { return int(r.next() % uint64(limit)) }

// between gives a number from low to high, both included.
func (r *random) between(low, high int) int { return low + r.n(high-low+1) }

// chance is true in so many of a hundred cases.
func (r *random) chance(percent int) bool { return r.n(100) < percent }

func pick[T any](r *random, list []T) T { return list[r.n(len(list))] }

package testserver

import (
	"flag"
	"strconv"
)

// parallelTests is how many tests of a process run at a time.
const parallelTests = 12

// SetParallel lets twelve tests of this process run at a time instead of one per processor, because tests of servers wait
// more than they compute. The flag -parallel overrides it. TestMain calls SetParallel before it runs the tests:
//
//	func TestMain(m *testing.M) {
//		testserver.SetParallel()
//		testserver.Exit(m.Run())
//	}
func SetParallel() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", strconv.Itoa(parallelTests)) // a number is valid
	}
}
